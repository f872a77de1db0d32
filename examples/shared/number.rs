//! A number on a command line, for the options of all examples.

use core::fmt::Display;
use core::ops::RangeInclusive;
use core::str::FromStr;
use std::ffi::OsString;

/// Reads the number behind a flag.
///
/// # Errors
///
/// What `see_help` makes of a sentence that says which numbers there may be.
pub(crate) fn number<N: FromStr + PartialOrd + Display>(
    flag: &str,
    text: Option<impl Into<OsString>>,
    range: &RangeInclusive<N>,
    see_help: impl FnOnce(&str) -> String,
) -> Result<N, String> {
    let text = text.map_or_else(OsString::new, Into::into);
    let text = text.to_string_lossy();
    (text.parse().ok())
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            see_help(&format!(
                "{flag} wants a number from {least} to {most}, not `{text}`"
            ))
        })
}
