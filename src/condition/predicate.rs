//! What a predicate answers.

/// How a wait ends by what a predicate says that may fail; `None` if it goes on.
pub(super) fn answer<E>(asked: Result<bool, E>) -> Option<Result<(), E>> {
    asked.map(|holds| holds.then_some(())).transpose()
}
