//! What pictures and pages show of a peer's numbers.

use crate::record::Row;
use crate::report::figure;

/// One of its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    /// Millions of operations in a second.
    Throughput,
    /// The longest wait in milliseconds.
    LongestWait,
    /// Nanoseconds of an operation.
    Time,
    /// Bytes of an operation.
    Memory,
}

impl Value {
    /// What stands beside an axis.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Throughput => "million operations per second",
            Self::LongestWait => "longest single wait (ms)",
            Self::Time => "time for each (ns)",
            Self::Memory => "memory of each (bytes)",
        }
    }

    /// The number, if there is one that a logarithmic axis has a place for.
    pub(crate) fn of(self, row: &Row) -> Option<f64> {
        let value = match self {
            Self::Throughput => 1e3 / row.ns_per_op.median,
            Self::LongestWait => row.wait_longest_ns? / 1e6,
            Self::Time => row.ns_per_op.median,
            Self::Memory => row.bytes_per_op?,
        };
        (value > 0.0 && value.is_finite()).then_some(value)
    }

    /// The number with its unit, as a table has it.
    pub(crate) fn text(self, row: &Row) -> Option<String> {
        let value = self.of(row)?;
        Some(match self {
            Self::Throughput => format!("{} million/s", figure(value)),
            Self::LongestWait => format!("{} ms", figure(value)),
            Self::Time => time(value),
            Self::Memory => bytes(value),
        })
    }
}

/// Nanoseconds in the unit that suits them.
pub(crate) fn time(nanos: f64) -> String {
    match nanos {
        1e9.. => format!("{} s", figure(nanos / 1e9)),
        1e6.. => format!("{} ms", figure(nanos / 1e6)),
        1e3.. => format!("{} us", figure(nanos / 1e3)),
        _ => format!("{} ns", figure(nanos)),
    }
}

fn bytes(bytes: f64) -> String {
    if bytes < 10_240.0 {
        format!("{bytes:.0} B")
    } else {
        format!("{} KiB", figure(bytes / 1024.0))
    }
}
