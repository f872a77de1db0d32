//! A snapshot for a program to read: the same as its fields say. Times are seconds, and places are texts, `file:line:column`.

use core::panic::Location;
use core::time::Duration;
use std::time::UNIX_EPOCH;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::report::{
    Cycle, How, Kind, Link, Party, PoolReport, PrimitiveReport, Snapshot, Target, TaskReport,
    ThreadReport, WaitReport, WaiterReport,
};

fn place(place: Option<&'static Location<'static>>) -> Option<String> {
    place.map(ToString::to_string)
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Snapshot", 6)?;
        let at = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        out.serialize_field("at", &seconds(at))?;
        out.serialize_field("threads", &self.threads)?;
        out.serialize_field("tasks", &self.tasks)?;
        out.serialize_field("primitives", &self.primitives)?;
        out.serialize_field("pools", &self.pools)?;
        out.serialize_field("cycles", &self.cycles)?;
        out.end()
    }
}

impl Serialize for Party {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, number, name, made) = match self {
            Self::Thread { number, name } => ("thread", Some(number), name.as_ref(), None),
            Self::Task { number, name, made } => ("task", Some(number), name.as_ref(), *made),
            Self::Unknown => ("unknown", None, None, None),
        };
        let mut out = serializer.serialize_struct("Party", 4)?;
        out.serialize_field("kind", kind)?;
        out.serialize_field("number", &number)?;
        out.serialize_field("name", &name)?;
        out.serialize_field("made", &place(made))?;
        out.end()
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self:?}"))
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Target", 4)?;
        out.serialize_field("number", &self.number)?;
        out.serialize_field("kind", &self.kind)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("made", &place(Some(self.made)))?;
        out.end()
    }
}

impl Serialize for ThreadReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("ThreadReport", 6)?;
        out.serialize_field("party", &self.party)?;
        out.serialize_field("os_id", &self.os_id)?;
        let state = self.state.map(|state| format!("{state:?}"));
        out.serialize_field("state", &state)?;
        out.serialize_field("runs", &self.runs)?;
        out.serialize_field("waits", &self.waits)?;
        out.serialize_field("holds", &self.holds)?;
        out.end()
    }
}

impl Serialize for TaskReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("TaskReport", 7)?;
        out.serialize_field("party", &self.party)?;
        out.serialize_field("polled_by", &self.polled_by)?;
        out.serialize_field("polls", &self.polls)?;
        out.serialize_field("guards", &self.guards)?;
        out.serialize_field("age", &seconds(self.age))?;
        out.serialize_field("waits", &self.waits)?;
        out.serialize_field("holds", &self.holds)?;
        out.end()
    }
}

impl Serialize for PoolReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("PoolReport", 5)?;
        out.serialize_field("name", &self.name)?;
        out.serialize_field("workers", &self.workers)?;
        out.serialize_field("running", &self.running)?;
        out.serialize_field("idle", &self.idle)?;
        out.serialize_field("blocked", &self.blocked)?;
        out.end()
    }
}

impl Serialize for WaitReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("WaitReport", 6)?;
        out.serialize_field("number", &self.number)?;
        out.serialize_field("target", &self.target)?;
        out.serialize_field("waited", &seconds(self.waited))?;
        out.serialize_field("place", &place(self.place))?;
        out.serialize_field("may_end_otherwise", &self.may_end_otherwise)?;
        out.serialize_field("is_granted", &self.is_granted)?;
        out.end()
    }
}

impl Serialize for PrimitiveReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("PrimitiveReport", 9)?;
        out.serialize_field("target", &self.target)?;
        out.serialize_field("owner", &self.owner)?;
        out.serialize_field("turns", &self.turns)?;
        out.serialize_field("may_have_moved", &self.may_have_moved)?;
        out.serialize_field("waiters", &self.waiters)?;
        out.serialize_field("waiting", &self.waiting)?;
        out.serialize_field("waits", &self.waits)?;
        out.serialize_field("waited", &seconds(self.waited))?;
        out.serialize_field("longest", &seconds(self.longest))?;
        out.end()
    }
}

impl Serialize for WaiterReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("WaiterReport", 6)?;
        out.serialize_field("number", &self.number)?;
        out.serialize_field("party", &self.party)?;
        out.serialize_field("waited", &seconds(self.waited))?;
        out.serialize_field("place", &place(self.place))?;
        out.serialize_field("may_end_otherwise", &self.may_end_otherwise)?;
        out.serialize_field("is_granted", &self.is_granted)?;
        out.end()
    }
}

impl Serialize for Cycle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Cycle", 2)?;
        out.serialize_field("certain", &self.certain)?;
        out.serialize_field("links", &self.links)?;
        out.end()
    }
}

impl Serialize for Link {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (how, wait) = match &self.how {
            How::Waits(wait) => ("waits", Some(wait)),
            How::Runs => ("runs", None),
            How::IsPolledBy => ("is polled by", None),
        };
        let mut out = serializer.serialize_struct("Link", 4)?;
        out.serialize_field("from", &self.from)?;
        out.serialize_field("how", how)?;
        out.serialize_field("wait", &wait)?;
        out.serialize_field("to", &self.to)?;
        out.end()
    }
}
