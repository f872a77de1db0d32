//! Which process this is: told by a number that a `fork` takes away.
//!
//! The number lies in a word of its own, which the child of a `fork` finds as zero:
//!
//! | system | the word | what makes it zero |
//! |---|---|---|
//! | Linux from 4.14 on | a page of its own | the kernel (`MADV_WIPEONFORK`), also after a bare `clone` |
//! | other unix, older Linux | a static | a handler of `pthread_atfork`, which a bare `clone` does not call |
//!
//! | value | meaning | who leaves it |
//! |---|---|---|
//! | 0 | nobody has asked in this process | [`Born::here`], which draws a number |
//! | n | the number of this process, larger than that of every ancestor | a `fork`, in the child: to 0 |
//!
//! A number is unique among a process and its ancestors, and those are all whose data it can have.

use core::ptr;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use core::sync::atomic::{AtomicPtr, AtomicU32};

/// The word where the kernel does not wipe a page.
static PLAIN: AtomicU32 = AtomicU32::new(0);

/// The word that is used; null as long as nobody has asked. Never changed again.
static WORD: AtomicPtr<AtomicU32> = AtomicPtr::new(ptr::null_mut());

/// The last number that was drawn. A child has a copy, and goes on from there.
static LAST: AtomicU32 = AtomicU32::new(0);

/// The process in which something was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Born {
    word: &'static AtomicU32,
    number: u32,
}

impl Born {
    /// This process.
    pub(crate) fn here() -> Self {
        // ORDERING: Acquire pairs with the release half of the exchange in `choose_word`: the page
        // is mapped.
        let word = WORD.load(Acquire);
        // SAFETY: it is null, or a word that lives as long as the process.
        let word = unsafe { word.as_ref() }.unwrap_or_else(choose_word);
        // ORDERING: Relaxed: the number is all there is to read.
        let number = match word.load(Relaxed) {
            0 => draw(word),
            number => number,
        };
        Self { word, number }
    }

    /// Whether this is still the same process.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        // ORDERING: Relaxed. Whoever has this value has seen the word with this number, or was told by
        // one who had, so it sees no older word; and in this process it never changes again. After a
        // `fork` there is one thread, which did that itself.
        self.word.load(Relaxed) == self.number
    }

    /// Its number, which is never 0.
    pub(crate) const fn number(self) -> u32 {
        self.number
    }
}

#[cold]
fn draw(word: &AtomicU32) -> u32 {
    // ORDERING: Relaxed, here and below: only that the numbers differ matters.
    let mut number = LAST.fetch_add(1, Relaxed).wrapping_add(1);
    if number == 0 {
        number = LAST.fetch_add(1, Relaxed).wrapping_add(1);
    }
    match word.compare_exchange(0, number, Relaxed, Relaxed) {
        Ok(_) => number,
        Err(first) => first,
    }
}

#[cold]
fn choose_word() -> &'static AtomicU32 {
    let word = wiped_page().unwrap_or_else(|| {
        // SAFETY: the handler touches one atomic word, which is allowed after a fork. If it cannot be
        // registered, for want of memory, a fork goes unseen, as on systems without it.
        let _unseen = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
        &PLAIN
    });
    let chosen = ptr::from_ref(word).cast_mut();
    // ORDERING: the release half publishes the page; Acquire on failure: that of whoever was first.
    match WORD.compare_exchange(ptr::null_mut(), chosen, AcqRel, Acquire) {
        Ok(_) => word,
        // SAFETY: it is not null, and lives as long as the process. A page that came second stays
        // mapped: that happens at most once a thread that asks at the very first moment.
        Err(first) => unsafe { &*first },
    }
}

extern "C" fn forked() {
    // ORDERING: Relaxed: there is one thread.
    PLAIN.store(0, Relaxed);
}

/// A word in a page that the child of a fork finds empty.
#[cfg(all(target_os = "linux", not(syncline_portable)))]
fn wiped_page() -> Option<&'static AtomicU32> {
    // SAFETY: the call reads a constant of the system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let size = usize::try_from(size).ok()?;
    let (rights, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
    );
    // SAFETY: a new mapping, at a place that the kernel chooses, touches no memory of ours.
    let page = unsafe { libc::mmap(ptr::null_mut(), size, rights, flags, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: these are the bounds of the mapping that has just been made.
    if unsafe { libc::madvise(page, size, libc::MADV_WIPEONFORK) } != 0 {
        // SAFETY: as above, and nobody knows of it.
        unsafe { libc::munmap(page, size) };
        return None;
    }
    // SAFETY: the page is full of zeros, as large as a word at least, aligned to more than one, and never
    // unmapped.
    Some(unsafe { &*page.cast::<AtomicU32>() })
}

/// There is none here.
#[cfg(not(all(target_os = "linux", not(syncline_portable))))]
const fn wiped_page() -> Option<&'static AtomicU32> {
    None
}
