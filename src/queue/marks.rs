//! Water marks: puts that wait from the high one on, until the queue has been drained to the low one.
//!
//! What counts is how many places are used: by items, by slots, and by what has been granted and not been fetched. Both states are
//! told to the line of putters as a *ceiling*, from which the free places are counted, so that who puts asks
//! nothing else than without marks.
//!
//! | state | ceiling | free places | ends |
//! |---|---|---|---|
//! | open | high | high − used | when no place is left; whoever gives the next one back notes it |
//! | throttled | low | low − used, which is none | when used is down to low, and none is 0: then there are high − low |
//!
//! Without a place that is given back nobody can tell the states apart, for no place is free in either.

/// The marks of a queue, and its state. Touched with the queue's lock held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    high: isize,
    low: isize,
    throttled: bool,
    /// How often it has been noted that no place was left.
    times: u64,
}

impl Marks {
    /// Marks of a queue that is open.
    pub(super) const fn new(high: isize, low: isize) -> Self {
        Self {
            high,
            low,
            throttled: false,
            times: 0,
        }
    }

    pub(super) const fn high(self) -> isize {
        self.high
    }

    /// What free places are counted from.
    pub(super) const fn ceiling(self) -> isize {
        if self.throttled { self.low } else { self.high }
    }

    /// Whether puts wait until the low mark has been reached; `free` is how many places there are.
    pub(super) const fn is_throttled(self, free: isize) -> bool {
        self.throttled || free <= 0
    }

    /// How often puts had to wait for that.
    pub(super) fn times(self, free: isize) -> u64 {
        self.times + u64::from(!self.throttled && free <= 0)
    }

    /// So many places have been given back, and so many are free now. Answers by how much that changes with the
    /// state.
    pub(super) const fn freed(&mut self, back: isize, free: isize) -> isize {
        let mut by = 0;
        if !self.throttled && free - back <= 0 {
            self.throttled = true;
            self.times += 1;
            by = self.low - self.high;
        }
        if self.throttled && free + by >= 0 {
            self.throttled = false;
            by += self.high - self.low;
        }
        by
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    /// What a queue with marks is said to do, step by step.
    struct Naive {
        used: isize,
        throttled: bool,
    }

    impl Naive {
        fn change(&mut self, by: isize, high: isize, low: isize) {
            self.used += by;
            if self.used >= high {
                self.throttled = true;
            }
            if self.used <= low {
                self.throttled = false;
            }
        }
    }

    /// All histories of eight steps, each of which uses a place if there is one, or gives one or two back.
    #[test]
    fn marks_do_what_a_look_after_every_step_does() {
        for (high, low) in [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 1)] {
            for history in 0..3_isize.pow(8) {
                let (mut marks, mut free) = (Marks::new(high, low), high);
                let mut naive = Naive {
                    used: 0,
                    throttled: false,
                };
                for step in 0..8 {
                    match history / 3_isize.pow(step) % 3 {
                        0 if free > 0 => {
                            free -= 1;
                            naive.change(1, high, low);
                        }
                        back @ 1..=2 if naive.used >= back => {
                            free += back;
                            free += marks.freed(back, free);
                            naive.change(-back, high, low);
                        }
                        _ => {}
                    }
                    assert_eq!(marks.is_throttled(free), naive.throttled, "{history}");
                    assert_eq!(marks.ceiling() - free, naive.used, "{history}");
                    assert!(free <= 0 || free == high - naive.used, "{history}");
                }
            }
        }
    }

    #[test]
    fn a_state_that_nobody_has_noted_yet_is_told_and_counted() {
        let mut marks = Marks::new(2, 0);
        assert_eq!((marks.is_throttled(1), marks.times(1)), (false, 0));
        assert_eq!((marks.is_throttled(0), marks.times(0)), (true, 1));
        assert_eq!(marks.freed(1, 1), -2);
        assert_eq!((marks.is_throttled(-1), marks.times(-1)), (true, 1));
        assert_eq!(marks.freed(1, 0), 2);
        assert_eq!((marks.is_throttled(2), marks.times(2)), (false, 1));
    }
}
