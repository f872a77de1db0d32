//! Draws lines over logarithmic axes, as SVG.
//!
//! A picture is one or more panels side by side with one legend. Its ground is white, so it can be
//! read on a dark page as well; the colours are those of Okabe and Ito, which the colour-blind
//! can tell apart, and each line has marks of its own.

use core::ops::Range;
use std::fs;
use std::path::Path;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::combinators::{LogCoord, WithKeyPoints};
use plotters::prelude::{
    BindKeyPoints, Cartesian2d, Circle, Cross, DrawingArea, DynElement, EmptyElement,
    IntoDrawingArea, IntoDynElement, IntoFont, IntoLogRange, LineSeries, PathElement, RGBColor,
    Rectangle, SVGBackend, ShapeStyle, Text, TriangleMarker, WHITE,
};

/// How wide one panel is, how high, and how wide the legend, in pixels.
const PANEL: (u32, u32) = (420, 340);
const LEGEND: u32 = 180;
/// How high the title is.
const TITLE: u32 = 36;
/// The width of a line.
const LINE: u32 = 2;

/// Colours that the colour-blind can tell apart.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(0, 0, 0),
    RGBColor(230, 159, 0),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
];

/// A picture.
#[derive(Debug)]
pub(crate) struct Picture {
    /// What it shows.
    pub(crate) title: String,
    /// The names of its lines, as the legend has them.
    pub(crate) names: Vec<String>,
    /// Its panels, from left to right.
    pub(crate) panels: Vec<Panel>,
}

/// Lines over two axes.
#[derive(Debug)]
pub(crate) struct Panel {
    /// What stands above it.
    pub(crate) caption: String,
    /// What stands beside the axes, with the unit.
    pub(crate) axes: (String, String),
    /// The points of each line, in the order of the picture's names.
    pub(crate) lines: Vec<Vec<(f64, f64)>>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Axis = WithKeyPoints<LogCoord<f64>>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// Writes a picture into a file.
pub(crate) fn write(picture: &Picture, path: &Path) -> Result<(), String> {
    let mut text = String::new();
    draw(picture, &mut text).map_err(|error| format!("{}: {error}", path.display()))?;
    // A newline at the end, as text files have it.
    text.push('\n');
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The picture as SVG.
fn draw(picture: &Picture, text: &mut String) -> Result<(), String> {
    let count = picture.panels.len() as u32;
    let size = (count * PANEL.0 + LEGEND, PANEL.1 + TITLE);
    let root = SVGBackend::with_string(text, size).into_drawing_area();
    let failed = |error: &dyn core::fmt::Display| error.to_string();
    root.fill(&WHITE).map_err(|error| failed(&error))?;
    let title = Text::new(
        picture.title.clone(),
        (12, 10),
        ("sans-serif", 17).into_font(),
    );
    root.draw(&title).map_err(|error| failed(&error))?;
    let (_, below) = root.split_vertically(TITLE);
    let (panels, legend) = below.split_horizontally(count * PANEL.0);
    for (panel, area) in picture
        .panels
        .iter()
        .zip(panels.split_evenly((1, count as usize)))
    {
        draw_panel(panel, &area).map_err(|error| failed(&error))?;
    }
    draw_legend(&picture.names, &legend).map_err(|error| failed(&error))?;
    root.present().map_err(|error| failed(&error))
}

fn draw_panel(panel: &Panel, area: &Area<'_>) -> Result<(), Box<dyn core::error::Error>> {
    let points = || panel.lines.iter().flatten();
    let x = bounds(points().map(|point| point.0));
    let y = bounds(points().map(|point| point.1));
    let mut chart: Chart<'_, '_> = ChartBuilder::on(area)
        .caption(panel.caption.as_str(), ("sans-serif", 14))
        .margin(8)
        .x_label_area_size(42)
        .y_label_area_size(58)
        .build_cartesian_2d(
            axis(&x, measured(points().map(|point| point.0))),
            axis(&y, round_numbers(&y)),
        )?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(220, 220, 220))
        .x_desc(panel.axes.0.as_str())
        .y_desc(panel.axes.1.as_str())
        .axis_desc_style(("sans-serif", 13))
        .label_style(("sans-serif", 12))
        .x_label_formatter(&|number| short(*number))
        .y_label_formatter(&|number| short(*number))
        .draw()?;
    for (index, line) in panel.lines.iter().enumerate() {
        let style = style(index);
        chart.draw_series(LineSeries::new(
            line.iter().copied(),
            style.stroke_width(LINE),
        ))?;
        let marks = line
            .iter()
            .map(|&point| EmptyElement::at(point) + mark(index, (0, 0)));
        chart.draw_series(marks)?;
    }
    Ok(())
}

fn draw_legend(names: &[String], area: &Area<'_>) -> Result<(), Box<dyn core::error::Error>> {
    for (index, name) in names.iter().enumerate() {
        let y = 40 + 22 * i32::try_from(index)?;
        let line = PathElement::new([(4, y), (32, y)], style(index).stroke_width(LINE));
        area.draw(&line)?;
        area.draw(&mark(index, (18, y)))?;
        let text = ("sans-serif", 13).into_font();
        area.draw(&Text::new(name.clone(), (40, y - 6), text))?;
    }
    Ok(())
}

fn style(index: usize) -> ShapeStyle {
    ShapeStyle::from(COLOURS[index % COLOURS.len()])
}

/// The mark of a line, around a point in pixels.
fn mark<'a>(index: usize, (x, y): (i32, i32)) -> DynElement<'static, SVGBackend<'a>, (i32, i32)> {
    let filled = style(index).filled();
    match index % 4 {
        0 => Circle::new((x, y), 4, filled).into_dyn(),
        1 => Rectangle::new([(x - 4, y - 4), (x + 4, y + 4)], filled).into_dyn(),
        2 => TriangleMarker::new((x, y), 6, filled).into_dyn(),
        _ => Cross::new((x, y), 4, style(index).stroke_width(LINE)).into_dyn(),
    }
}

fn axis(bounds: &Range<f64>, marks: Vec<f64>) -> Axis {
    (bounds.start..bounds.end)
        .log_scale()
        .with_key_points(marks)
}

/// A little more than the numbers span.
fn bounds(numbers: impl Iterator<Item = f64>) -> Range<f64> {
    let (least, greatest) = numbers.fold((f64::INFINITY, 0.0_f64), |(least, greatest), number| {
        (least.min(number), greatest.max(number))
    });
    if least > greatest {
        return 1.0..10.0;
    }
    least / 1.2..greatest * 1.2
}

/// The numbers themselves, each once.
fn measured(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    // What lies close together would be written one over the other.
    numbers.dedup_by(|next, last| *next < *last * 1.3);
    numbers
}

/// Powers of ten, with 2 and 5 times as much where there are few of them.
fn round_numbers(bounds: &Range<f64>) -> Vec<f64> {
    let decades = bounds.start.log10().floor() as i32..=bounds.end.log10().ceil() as i32;
    let steps: &[f64] = if (bounds.end / bounds.start).log10() < 3.0 {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    decades
        .flat_map(|decade| steps.iter().map(move |step| step * 10_f64.powi(decade)))
        .filter(|number| bounds.contains(number))
        .collect()
}

/// A number in a few characters.
fn short(number: f64) -> String {
    let (number, unit) = match number {
        1e6.. => (number / 1e6, "M"),
        1e3.. => (number / 1e3, "k"),
        _ => (number, ""),
    };
    // Three digits are enough for any mark.
    let digits = if number >= 100.0 { 0 } else { 2 };
    let text = format!("{number:.digits$}");
    let text = if number < 0.1 {
        format!("{number:.3}")
    } else {
        text
    };
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text}{unit}")
}

#[cfg(test)]
mod tests {
    use super::{Panel, Picture, draw, round_numbers, short};

    #[test]
    fn numbers_are_short() {
        let texts = [0.005, 0.5, 2.0, 20.0, 500.0, 1_000.0, 30_768.0, 1e6].map(short);
        assert_eq!(
            ["0.005", "0.5", "2", "20", "500", "1k", "30.77k", "1M"],
            texts
        );
    }

    #[test]
    fn an_axis_has_round_numbers() {
        assert_eq!(vec![5.0, 10.0, 20.0], round_numbers(&(3.0..40.0)));
        assert_eq!(
            vec![1.0, 10.0, 100.0, 1000.0],
            round_numbers(&(0.9..2000.0))
        );
    }

    #[test]
    fn a_picture_has_a_ground_and_every_text() {
        let picture = Picture {
            title: "a title".to_owned(),
            names: vec!["one line".to_owned()],
            panels: vec![Panel {
                caption: "a caption".to_owned(),
                axes: ("threads".to_owned(), "time (ns)".to_owned()),
                lines: vec![vec![(2.0, 10.0), (4.0, 30.0)]],
            }],
        };
        let mut text = String::new();
        draw(&picture, &mut text).unwrap();
        for wanted in [
            "a title",
            "one line",
            "a caption",
            "threads",
            "time (ns)",
            "#FFFFFF",
        ] {
            assert!(text.contains(wanted), "{wanted} is missing");
        }
    }
}
