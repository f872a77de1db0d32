//! What a party of a barrier learns when all have met.

/// One party's place in a round of a [`Barrier`](crate::thread::Barrier).
///
/// The indices of one round are all different, and less than the number of parties. They follow
/// the order of arrival; the leader is the last to arrive.
///
/// # Examples
///
/// ```
/// let barrier = syncline::thread::Barrier::new(1);
/// let arrival = barrier.wait()?;
/// assert_eq!(arrival.index(), 0);
/// assert!(arrival.is_leader());
/// # Ok::<(), syncline::BrokenBarrier>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Arrival {
    index: usize,
    leader: bool,
}

impl Arrival {
    pub(crate) const fn new(index: usize, parties: usize) -> Self {
        Self {
            index,
            leader: index == parties - 1,
        }
    }

    /// Returns the position in order of arrival: 0 for the first, `parties() - 1` for the leader.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(1);
    /// assert_eq!(barrier.wait()?.index(), 0);
    /// # Ok::<(), syncline::BrokenBarrier>(())
    /// ```
    #[must_use]
    pub const fn index(self) -> usize {
        self.index
    }

    /// Returns whether this party was the last to arrive. Each round has one leader.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(2);
    /// let leaders = std::thread::scope(|threads| {
    ///     let other = threads.spawn(|| barrier.wait().is_ok_and(|arrival| arrival.is_leader()));
    ///     let here = barrier.wait().is_ok_and(|arrival| arrival.is_leader());
    ///     usize::from(here) + usize::from(other.join().unwrap_or(false))
    /// });
    /// assert_eq!(leaders, 1);
    /// ```
    #[must_use]
    pub const fn is_leader(self) -> bool {
        self.leader
    }
}
