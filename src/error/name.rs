//! The names of jobs.

use core::fmt;
use std::borrow::Cow;

/// The name of a child of a group, or of its body.
///
/// Created from a `&'static str`, which allocates nothing, or from a `String`.
///
/// # Examples
///
/// ```
/// use syncline::Name;
///
/// let (fixed, made) = (Name::from("reader"), Name::from(format!("reader {}", 2)));
/// assert_eq!(fixed, "reader");
/// assert_eq!(made.as_str(), "reader 2");
/// assert_eq!(Name::THE_BODY.to_string(), "the body");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Cow<'static, str>);

impl Name {
    /// The name under which an error of a group's body is reported.
    pub const THE_BODY: Self = Self(Cow::Borrowed("the body"));

    /// Returns the name as a string slice.
    ///
    /// # Examples
    ///
    /// See [`Name`].
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A job's name, or `()` for a job without one, which takes no space.
pub(crate) trait Named: Send + Sync {
    /// Returns the name.
    fn name(&self) -> Option<&Name>;
}

impl Named for () {
    fn name(&self) -> Option<&Name> {
        None
    }
}

impl Named for Name {
    fn name(&self) -> Option<&Name> {
        Some(self)
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl From<Box<str>> for Name {
    fn from(name: Box<str>) -> Self {
        Self(Cow::Owned(name.into()))
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
