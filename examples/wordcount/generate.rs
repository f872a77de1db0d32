//! Random text to count, the same in every run.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Bytes in a megabyte, which is also about the size of a generated file.
const MEGABYTE: u64 = 1024 * 1024;

/// The vocabulary has `1 << RANK_BITS` words.
const RANK_BITS: u32 = 14;

const SYLLABLES: [&str; 16] = [
    "ba", "ko", "mi", "ru", "sel", "tan", "vo", "wey", "ny", "pra", "cu", "dor", "é", "lum", "ghi",
    "ost",
];

/// A temporary folder with text in it; dropped, it is removed.
pub(crate) struct Generated {
    folder: PathBuf,
    bytes: u64,
    words: u64,
}

impl Generated {
    /// Writes at least `megabytes` of text.
    pub(crate) fn write(megabytes: u64) -> io::Result<Self> {
        let mut generated = Self {
            folder: new_folder()?,
            bytes: 0,
            words: 0,
        };
        let vocabulary: Vec<String> = (0..1 << RANK_BITS).map(spell).collect();
        let mut random = SplitMix(20_260_923);
        for number in 0.. {
            if generated.bytes >= megabytes * MEGABYTE {
                break;
            }
            generated.write_file(number, &vocabulary, &mut random)?;
        }
        Ok(generated)
    }

    fn write_file(
        &mut self,
        number: u64,
        vocabulary: &[String],
        random: &mut SplitMix,
    ) -> io::Result<()> {
        let section = self.folder.join(format!("{:02}", number % 16));
        fs::create_dir_all(&section)?;
        let mut file = BufWriter::new(File::create(section.join(format!("{number:05}.txt")))?);
        let mut bytes = 0;
        while bytes < MEGABYTE {
            let word = &vocabulary[random.rank()];
            let end = match random.next() % 16 {
                0 => ".\n",
                1 => ", ",
                _ => " ",
            };
            file.write_all(word.as_bytes())?;
            file.write_all(end.as_bytes())?;
            bytes += (word.len() + end.len()) as u64;
            self.words += 1;
        }
        self.bytes += bytes;
        file.flush()
    }

    /// Where the text is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How much there is.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many words that is.
    pub(crate) fn words(&self) -> u64 {
        self.words
    }

    /// Removes the folder; unlike a drop, says if that fails.
    pub(crate) fn remove(self) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)
    }
}

impl Drop for Generated {
    fn drop(&mut self) {
        // Nobody is left to be told, and after `remove` there is nothing left to do.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// A folder of our own: one that exists already belongs to somebody else.
fn new_folder() -> io::Result<PathBuf> {
    let mut attempt = 0;
    loop {
        let name = format!("syncline-wordcount-{}-{attempt}", process::id());
        let folder = env::temp_dir().join(name);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {
                attempt += 1;
            }
            Err(error) => return Err(error),
            Ok(()) => return Ok(folder),
        }
    }
}

/// The word of a rank: common words are short, each rank has its own.
fn spell(rank: usize) -> String {
    let mut rest = rank + 1;
    let mut word = String::new();
    while rest > 0 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    word
}

/// The generator of Steele, Lea and Flood: one word of state, good enough for text.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A rank in the vocabulary. Each octave of ranks is as likely as any other, so a word
    /// is about half as likely as the one of half its rank: Zipf's law without logarithms.
    fn rank(&mut self) -> usize {
        let octave = self.next() % u64::from(RANK_BITS);
        let first = 1 << octave;
        let rank = first + self.next() % first - 1;
        usize::try_from(rank).expect("a rank is below 1 << RANK_BITS")
    }
}
