//! `LifoQueue`: hand items over, newest first.

use syncline::Shutdown;
use syncline::thread::LifoQueue;

pub(crate) fn run() -> super::Outcome {
    let undo = LifoQueue::unbounded();
    undo.put("type a word")?;
    undo.put("delete a line")?;
    assert_eq!(undo.get()?, "delete a line");

    undo.put("paste")?;
    undo.shutdown(Shutdown::Graceful); // what is left can be taken, and then the loop ends
    let rest: Vec<_> = undo.iter().collect();
    assert_eq!(rest, ["paste", "type a word"]);
    println!("undone: {}", rest.join(", "));
    Ok(())
}
