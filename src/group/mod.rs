//! Groups of tasks: children that end before their parent goes on.
//!
//! | file | has |
//! |---|---|
//! | `task_group.rs` | the scope of a group, and its end |
//! | `handle.rs` | what spawns into it |
//! | `members.rs` | who has not ended, and who failed |
//! | `listener.rs` | who hears that a group is over |
//! | `permitted.rs` | a child that first waits for a permit |

mod handle;
mod listener;
mod members;
mod permitted;
pub(crate) mod task_group;

pub use self::handle::Group;
pub(crate) use self::listener::Listener;

/// For how many children a group has room without asking for memory; tests ask.
#[must_use]
pub fn room<S: crate::job::Spawner, E: Send + 'static>(group: &Group<S, E>) -> usize {
    group.room()
}
