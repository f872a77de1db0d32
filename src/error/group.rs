//! How groups fail.

use core::error::Error;
use core::fmt;

use super::name::Name;

/// Everything that went wrong in a group, with the names of those to whom it happened.
///
/// # Examples
///
/// ```
/// use syncline::{GroupError, Name, task::{TaskGroup, block_on}, thread::ThreadPool};
///
/// let pool = ThreadPool::new(1);
/// let error: GroupError<&str> = block_on(TaskGroup::run(&pool, async |group| {
///     group.spawn_named("reader", async { Err::<(), _>("no such file") }).detach();
///     Ok(())
/// }))
/// .unwrap_err();
/// assert_eq!(error.to_string(), "reader: no such file");
/// assert_eq!(error.first, (Name::from("reader"), "no such file"));
/// assert!(error.rest.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupError<E> {
    /// The one that came first, and ended the others.
    pub first: (Name, E),
    /// Those that came before the others had ended, in their order.
    pub rest: Vec<(Name, E)>,
}

impl<E> GroupError<E> {
    /// `None` if there are none.
    pub(crate) fn of(errors: Vec<(Name, E)>) -> Option<Self> {
        let mut errors = errors.into_iter();
        let first = errors.next()?;
        Some(Self {
            first,
            rest: errors.collect(),
        })
    }

    /// All of them, the first first.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{GroupError, Name};
    ///
    /// let error = GroupError { first: (Name::from("a"), 1), rest: vec![(Name::from("b"), 2)] };
    /// assert_eq!(error.iter().map(|(_, code)| code).sum::<i32>(), 3);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &(Name, E)> {
        core::iter::once(&self.first).chain(&self.rest)
    }
}

impl<E: fmt::Display> fmt::Display for GroupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, error) = &self.first;
        write!(f, "{name}: {error}")?;
        match self.rest.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl<E: Error + 'static> Error for GroupError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.first.1)
    }
}
