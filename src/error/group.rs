//! How a task group fails.

use core::error::Error;
use core::fmt;

use super::name::Name;

/// All errors of a task group, each with the name of the child that failed.
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
    /// The first error, which cancelled the other children.
    pub first: (Name, E),
    /// The errors that came before the other children had ended, in order.
    pub rest: Vec<(Name, E)>,
}

impl<E> GroupError<E> {
    /// Returns the error of a group, or `None` if nothing failed.
    pub(crate) fn of(errors: Vec<(Name, E)>) -> Option<Self> {
        let mut errors = errors.into_iter();
        let first = errors.next()?;
        Some(Self {
            first,
            rest: errors.collect(),
        })
    }

    /// Returns an iterator over all errors, starting with the first.
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
