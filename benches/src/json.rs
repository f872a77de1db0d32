//! The same numbers for programs.

use core::fmt::Write as _;

use crate::cell::Cell;
use crate::runner::Row;
use crate::stats::Spread;

/// A JSON value, as far as this report needs one.
pub(crate) enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; one that is not finite is written as `null`.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, in this order.
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    /// The text of the value.
    pub(crate) fn write(&self, text: &mut String) {
        match self {
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) if value.is_finite() => {
                let _written = write!(text, "{value}");
            }
            Self::Null | Self::Number(_) => text.push_str("null"),
            Self::Text(value) => write_quoted(value, text),
            Self::List(values) => {
                write_between("[]", values, text, Self::write);
            }
            Self::Object(fields) => {
                write_between("{}", fields, text, |(key, value), text| {
                    write_quoted(key, text);
                    text.push(':');
                    value.write(text);
                });
            }
        }
    }

    fn optional(value: Option<f64>) -> Self {
        value.map_or(Self::Null, Self::Number)
    }
}

fn write_between<T>(
    brackets: &str,
    values: &[T],
    text: &mut String,
    write: impl Fn(&T, &mut String),
) {
    text.push_str(&brackets[..1]);
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write(value, text);
    }
    text.push_str(&brackets[1..]);
}

fn write_quoted(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            control if control < ' ' => {
                let _written = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// The whole report.
pub(crate) fn report(facts: Vec<(&'static str, String)>, rounds: u32, cells: Vec<Json>) -> Json {
    let facts = facts
        .into_iter()
        .map(|(name, value)| (name, Json::Text(value)))
        .collect();
    Json::Object(vec![
        ("machine", Json::Object(facts)),
        ("rounds", Json::Number(f64::from(rounds))),
        ("cells", Json::List(cells)),
    ])
}

/// One cell of it.
pub(crate) fn cell(cell: &Cell, rows: &[Row]) -> Json {
    Json::Object(vec![
        ("name", Json::Text(cell.name.clone())),
        ("about", Json::Text(cell.about.to_owned())),
        ("peers", Json::List(rows.iter().map(row).collect())),
    ])
}

fn row(row: &Row) -> Json {
    let waits = row.waits.as_ref();
    let nanos = |time: core::time::Duration| time.as_secs_f64() * 1e9;
    Json::Object(vec![
        ("peer", Json::Text(row.name.to_owned())),
        ("ns_per_op", spread(Some(row.time))),
        ("syncline_over_peer", spread(row.ratio)),
        ("best_peer", Json::Bool(row.best)),
        ("allocations_per_op", Json::Number(row.allocations)),
        ("switches_per_op", Json::Number(row.switches)),
        ("futex_per_op", Json::optional(row.futex)),
        ("max_over_min", Json::optional(row.unfairness)),
        (
            "wait_p999_ns",
            Json::optional(waits.map(|waits| nanos(waits.p999()))),
        ),
        (
            "wait_longest_ns",
            Json::optional(waits.map(|waits| nanos(waits.longest()))),
        ),
        ("stranded", Json::Number(row.stranded as f64)),
    ])
}

fn spread(spread: Option<Spread>) -> Json {
    spread.map_or(Json::Null, |spread| {
        Json::Object(vec![
            ("p10", Json::Number(spread.p10)),
            ("median", Json::Number(spread.median)),
            ("p90", Json::Number(spread.p90)),
        ])
    })
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn text_is_escaped_and_infinity_is_null() {
        let value = Json::Object(vec![
            ("a", Json::Text("x\"\\\n".to_owned())),
            (
                "b",
                Json::List(vec![Json::Number(f64::INFINITY), Json::Number(1.5)]),
            ),
        ]);
        let mut text = String::new();
        value.write(&mut text);
        assert_eq!(r#"{"a":"x\"\\\u000a","b":[null,1.5]}"#, text);
    }
}
