//! Who is told when a group is cancelled, or has ended.

use core::any::Any;

use super::handle::Group;
use crate::job::quietly;

/// Hears once that a group is cancelled, or has ended.
pub(crate) trait Listener: Send + Sync + 'static {
    fn group_is_over(&self);

    /// Itself, for those who know which one it is.
    fn as_any(&self) -> &dyn Any;
}

/// The listener of a group, if there is one.
pub(super) type Listening = Option<Box<dyn Listener>>;

/// Tells it, without any lock: it may call code of users.
pub(super) fn tell(listener: Listening) {
    quietly(|| {
        if let Some(listener) = listener {
            listener.group_is_over();
        }
    });
}

impl<S, E> Group<S, E> {
    /// The listener of this group: the one that it has, or else `fresh`, which is told at once if it comes too late.
    pub(crate) fn listener<L: Listener + Clone>(&self, fresh: L) -> L {
        self.shared.listen(fresh)
    }
}
