//! A hand-made waker that is watched: how often it was woken, how many of it are
//! alive, and what happens while it is cloned, woken or dropped.
//!
//! One [`Probe`] stands for one task. Its wakers all compare equal with
//! `Waker::will_wake`, and those of two probes never do, so two futures polled
//! through one probe belong to one task.
#![expect(
    unsafe_code,
    reason = "a waker that reacts to being cloned and dropped needs a vtable of its own"
)]

use core::fmt;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::task::{RawWaker, RawWakerVTable, Waker};
use std::sync::Arc;

use crate::watch::until;

/// What is being done to a waker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Clone,
    Wake,
    Drop,
}

struct Shared {
    /// Calls of `wake` and `wake_by_ref`.
    wakes: AtomicUsize,
    /// Wakers that exist at this instant.
    alive: AtomicUsize,
    react: Box<dyn Fn(Call) + Send + Sync>,
}

/// Makes wakers and watches them.
pub(crate) struct Probe(Arc<Shared>);

impl Probe {
    /// A probe whose wakers only count.
    pub(crate) fn new() -> Self {
        Self::reacting(|_| ())
    }

    /// A probe whose wakers also run `react`, after they have counted.
    pub(crate) fn reacting(react: impl Fn(Call) + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            wakes: AtomicUsize::new(0),
            alive: AtomicUsize::new(0),
            react: Box::new(react),
        }))
    }

    /// A probe that runs `f` each time one of its wakers meets `call`.
    pub(crate) fn on(call: Call, f: impl Fn() + Send + Sync + 'static) -> Self {
        Self::reacting(move |met| {
            if met == call {
                f();
            }
        })
    }

    /// A probe whose wakers panic when they are woken.
    pub(crate) fn panicking() -> Self {
        Self::on(Call::Wake, || panic!("this waker panics"))
    }

    pub(crate) fn waker(&self) -> Waker {
        self.0.alive.fetch_add(1, SeqCst);
        // SAFETY: the pointer comes from `Arc::into_raw` of the type that every function of
        // `VTABLE` expects, and carries one reference; `Shared` is `Send + Sync`.
        unsafe { Waker::from_raw(raw(Arc::clone(&self.0))) }
    }

    /// How often one of the wakers was woken.
    pub(crate) fn wakes(&self) -> usize {
        self.0.wakes.load(SeqCst)
    }

    /// How many wakers exist at this instant; what is left in the end has leaked.
    pub(crate) fn alive(&self) -> usize {
        self.0.alive.load(SeqCst)
    }

    /// Yields until no waker exists. For a wait whose time is over: at the very moment of its end the timer
    /// may have its waker in hand, to wake it.
    #[track_caller]
    pub(crate) fn until_forgotten(&self) {
        until("the end of the last waker", || self.alive() == 0);
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe")
            .field("wakes", &self.wakes())
            .field("alive", &self.alive())
            .finish_non_exhaustive()
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(shared: Arc<Shared>) -> RawWaker {
    RawWaker::new(Arc::into_raw(shared).cast(), &VTABLE)
}

/// The reference behind `data`, which stays the waker's.
///
/// # Safety
///
/// * `data` comes from [`raw`], and the waker that it belongs to is alive for `'a`.
unsafe fn borrow<'a>(data: *const ()) -> &'a Shared {
    // SAFETY: the waker holds a reference to its `Shared` (see above).
    unsafe { &*data.cast::<Shared>() }
}

/// The reference behind `data`, taken over from the waker.
///
/// # Safety
///
/// * `data` comes from [`raw`], and its waker is not used again.
unsafe fn take(data: *const ()) -> Arc<Shared> {
    // SAFETY: `raw` made `data` by `Arc::into_raw`, and the reference is given up here, once.
    unsafe { Arc::from_raw(data.cast()) }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: `RawWakerVTable` calls this with the data of a living waker.
    let shared = unsafe { borrow(data) };
    shared.alive.fetch_add(1, SeqCst);
    // SAFETY: the living waker's reference came from `Arc::into_raw`.
    unsafe { Arc::increment_strong_count(data.cast::<Shared>()) };
    (shared.react)(Call::Clone);
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: `RawWakerVTable` gives the waker up with this call.
    let shared = unsafe { take(data) };
    shared.alive.fetch_sub(1, SeqCst);
    shared.wakes.fetch_add(1, SeqCst);
    (shared.react)(Call::Wake);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: `RawWakerVTable` calls this with the data of a living waker.
    let shared = unsafe { borrow(data) };
    shared.wakes.fetch_add(1, SeqCst);
    (shared.react)(Call::Wake);
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: `RawWakerVTable` gives the waker up with this call.
    let shared = unsafe { take(data) };
    shared.alive.fetch_sub(1, SeqCst);
    (shared.react)(Call::Drop);
}

mod tests {
    use super::{Call, Probe};
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_probe_counts_what_happens_to_its_wakers() {
        let met = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&met);
        let probe = Probe::reacting(move |call| log.lock().unwrap().push(call));
        let first = probe.waker();
        let second = first.clone();
        assert!(first.will_wake(&second));
        assert!(!first.will_wake(&Probe::new().waker()));
        assert_eq!((0, 2), (probe.wakes(), probe.alive()), "{probe:?}");
        first.wake_by_ref();
        first.wake();
        drop(second);
        assert_eq!((2, 0), (probe.wakes(), probe.alive()), "{probe:?}");
        assert_eq!(
            [Call::Clone, Call::Wake, Call::Wake, Call::Drop],
            met.lock().unwrap()[..]
        );
    }

    #[test]
    fn a_waker_on_another_thread_is_waited_for() {
        let probe = Probe::new();
        let waker = probe.waker();
        let other = std::thread::spawn(move || waker.wake());
        probe.until_forgotten();
        assert_eq!(1, probe.wakes(), "{probe:?}");
        other.join().unwrap();
    }

    #[test]
    fn a_panicking_waker_is_not_leaked() {
        let probe = Probe::panicking();
        let waker = probe.waker();
        catch_unwind(AssertUnwindSafe(|| waker.wake())).unwrap_err();
        assert_eq!((1, 0), (probe.wakes(), probe.alive()), "{probe:?}");
    }
}
