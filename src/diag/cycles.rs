//! Who waits in a circle: a search of a graph, which knows nothing of threads and tasks.

use std::collections::BTreeMap;

use crate::sys::who::Who;

/// Somebody who cannot go on before somebody else does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Arrow {
    pub(super) from: Who,
    pub(super) to: Who,
    /// What stands between them.
    pub(super) by: By,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum By {
    /// The wait with this number for the primitive with that one, and whether nothing else can end it.
    Wait {
        primitive: u64,
        wait: u64,
        is_certain: bool,
    },
    Runs,
    Polled,
}

impl Arrow {
    pub(super) const fn is_certain(self) -> bool {
        matches!(
            self.by,
            By::Wait {
                is_certain: true,
                ..
            }
        )
    }
}

/// Circles of arrows, each beginning with the least of those in it. There is at least one for every circle of the graph that
/// shares no arrow with another one; of those that do, some are found.
pub(super) fn cycles(arrows: &[Arrow]) -> Vec<Vec<Arrow>> {
    let mut from: BTreeMap<Who, Vec<Arrow>> = BTreeMap::new();
    for arrow in arrows {
        from.entry(arrow.from).or_default().push(*arrow);
    }
    let mut found: Vec<Vec<Arrow>> = Vec::new();
    let mut done: BTreeMap<Who, State> = BTreeMap::new();
    for &start in from.keys() {
        search(start, &from, &mut done, &mut found);
    }
    found.sort();
    found.dedup();
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    OnThePath,
    Done,
}

/// Follows all arrows from somewhere, without recursion: there may be as many as there are waits.
fn search(
    start: Who,
    from: &BTreeMap<Who, Vec<Arrow>>,
    done: &mut BTreeMap<Who, State>,
    found: &mut Vec<Vec<Arrow>>,
) {
    if done.contains_key(&start) {
        return;
    }
    let none = Vec::new();
    let arrows_of = |who: &Who| from.get(who).unwrap_or(&none).iter();
    // The arrows that led here, and what is left to be looked at of each of those on the path.
    let mut path: Vec<Arrow> = Vec::new();
    let mut left = vec![arrows_of(&start)];
    done.insert(start, State::OnThePath);
    while let Some(rest) = left.last_mut() {
        let Some(&arrow) = rest.next() else {
            left.pop();
            let over = path.pop().map_or(start, |arrow| arrow.to);
            done.insert(over, State::Done);
            continue;
        };
        match done.get(&arrow.to) {
            Some(State::Done) => {}
            Some(State::OnThePath) => {
                let begins = (path.iter().position(|earlier| earlier.from == arrow.to))
                    .unwrap_or(path.len());
                let mut cycle = path[begins..].to_vec();
                cycle.push(arrow);
                let least = (0..cycle.len()).min_by_key(|&place| cycle[place].from);
                cycle.rotate_left(least.unwrap_or(0));
                found.push(cycle);
            }
            None => {
                done.insert(arrow.to, State::OnThePath);
                path.push(arrow);
                left.push(arrows_of(&arrow.to));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrow, By, cycles};
    use crate::sys::who::Who;

    fn waits(from: u64, to: u64) -> Arrow {
        Arrow {
            from: Who::thread(from),
            to: Who::thread(to),
            by: By::Wait {
                primitive: to,
                wait: 0,
                is_certain: true,
            },
        }
    }

    fn names(arrows: &[Arrow]) -> Vec<Vec<u64>> {
        let found = cycles(arrows);
        (found.iter())
            .map(|cycle| cycle.iter().map(|arrow| arrow.from.number()).collect())
            .collect()
    }

    #[test]
    fn a_chain_is_no_circle() {
        assert!(names(&[waits(1, 2), waits(2, 3), waits(4, 3)]).is_empty());
        assert!(names(&[]).is_empty());
    }

    #[test]
    fn who_waits_for_what_it_has_itself_is_a_circle_of_one() {
        assert_eq!(names(&[waits(1, 1)]), [[1]]);
    }

    #[test]
    fn a_circle_is_found_once_wherever_the_search_begins() {
        let arrows = [waits(5, 2), waits(2, 9), waits(9, 4), waits(4, 2)];
        for turn in 0..arrows.len() {
            let mut arrows = arrows;
            arrows.rotate_left(turn);
            assert_eq!(names(&arrows), [[2, 9, 4]]);
        }
    }

    #[test]
    fn two_circles_with_a_common_member_are_both_found() {
        let found = names(&[waits(1, 2), waits(2, 1), waits(1, 3), waits(3, 1)]);
        assert_eq!(found, [[1, 2], [1, 3]]);
    }

    #[test]
    fn a_hundred_thousand_in_one_circle_are_found_on_a_small_stack() {
        let small = std::thread::Builder::new().stack_size(128 << 10);
        let search = || {
            let n = 100_000;
            let arrows: Vec<_> = (0..n).map(|i| waits(i, (i + 1) % n)).collect();
            names(&arrows).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(small.spawn(search).unwrap().join().unwrap(), [100_000]);
    }
}
