//! What goes over a connection: a line each way, sealed with a sum, so that what was garbled is noticed.
//!
//! | request | answers |
//! |---|---|
//! | `put KEY VALUE` | `done KEY` when the write lies in the log |
//! | `get KEY` | `value KEY VALUE`, `none KEY` |
//! | `ping` | `pong` |
//! | anything else | `bad`, and the end of the connection |
//!
//! An answer names the key of its request: who gets somebody else's answer finds out.

/// No line of ours is longer.
pub(crate) const LONGEST: u64 = 4096;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    Put { key: &'a str, value: &'a str },
    Get { key: &'a str },
    Ping,
}

impl<'a> Request<'a> {
    /// Reads a line; `None` if it is none of ours.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let text = unseal(line)?;
        let mut words = text.split(' ');
        let request = match (words.next()?, words.next(), words.next()) {
            ("put", Some(key), Some(value)) => Self::Put { key, value },
            ("get", Some(key), None) => Self::Get { key },
            ("ping", None, None) => Self::Ping,
            _ => return None,
        };
        words.next().is_none().then_some(request)
    }
}

/// A text without line breaks as a line with its sum.
pub(crate) fn seal(text: &str) -> String {
    format!("{text} {:016x}\n", sum(text))
}

/// The text of a line, if its sum is right.
pub(crate) fn unseal(line: &str) -> Option<&str> {
    let (text, seal) = line.trim_end().rsplit_once(' ')?;
    (u64::from_str_radix(seal, 16).ok()? == sum(text)).then_some(text)
}

/// FNV-1a: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn sum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
