//! `RLock`: a lock that its holder may lock again.

use std::cell::RefCell;

use syncline::thread::RLock;

/// A log whose methods call each other. An `RLock` lends `&T`, so what changes is in a `RefCell`.
struct Log {
    lines: RLock<RefCell<Vec<String>>>,
}

impl Log {
    fn write(&self, line: &str) {
        self.lines.lock().borrow_mut().push(line.to_owned());
    }

    /// Nobody else writes between these lines.
    fn write_section(&self, title: &str, lines: &[&str]) {
        let _section = self.lines.lock();
        self.write(title);
        for line in lines {
            self.write(line); // locks again, and does not wait for itself
        }
    }
}

pub(crate) fn run() -> super::Outcome {
    let log = Log {
        lines: RLock::new(RefCell::new(Vec::new())),
    };
    std::thread::scope(|threads| {
        threads.spawn(|| log.write_section("one", &["1", "1"]));
        threads.spawn(|| log.write_section("two", &["2", "2"]));
    });
    let lines = log.lines.into_inner().into_inner();
    let lines = lines.join(" ");
    assert!(lines == "one 1 1 two 2 2" || lines == "two 2 2 one 1 1");
    println!("{lines}");
    Ok(())
}
