//! What all charts share: size, font, colours, the frame with title and legend.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, register_font};

use super::ChartError;

/// Width and height in pixels, for SVG and PNG alike. plotters places things on whole pixels, so the canvas is
/// large; printed 7 inches wide, a pixel is 0.28 pt.
pub const CANVAS: (u32, u32) = (1_800, 1_120);

/// The family as it is registered and as it stands in the SVG.
const FONT: &str = "DejaVu Sans";
/// What an SVG viewer without the font falls back to; Verdana has nearly the same widths.
const FONT_FALLBACK: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";
static FONT_FILE: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");

// Sizes in plotters' units (1.24 to the em): 45 is 36 px, which is 10 pt in a chart printed 7 inches wide.
const TITLE_SIZE: i32 = 56;
const TEXT_SIZE: i32 = 45;
const LINE_HEIGHT: i32 = 58;
const MARGIN: i32 = 36;

/// Width of data lines.
pub const LINE_WIDTH: u32 = 4;

// Okabe and Ito, "Color Universal Design", 2008: told apart with any kind of colour vision.
/// Near black, for text.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// For what stands behind: subtitles, gridlines' labels.
pub const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Gridlines.
pub const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
/// Areas behind lines.
pub const SHADE: RGBColor = RGBColor(0xCF, 0xCF, 0xCF);
/// Orange.
pub const ORANGE: RGBColor = RGBColor(0xE6, 0x9F, 0x00);
/// Sky blue.
pub const SKY: RGBColor = RGBColor(0x56, 0xB4, 0xE9);
/// Bluish green.
pub const GREEN: RGBColor = RGBColor(0x00, 0x9E, 0x73);
/// Blue.
pub const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xB2);
/// Vermillion.
pub const VERMILLION: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// Reddish purple.
pub const PURPLE: RGBColor = RGBColor(0xCC, 0x79, 0xA7);

/// Colours of categories, in the order in which they are given out.
pub const CATEGORIES: [RGBColor; 7] = [BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, INK];

/// Something to draw on.
pub type Area<DB> = DrawingArea<DB, Shift>;

/// Makes the embedded font known to plotters.
pub fn load_font() -> Result<(), ChartError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| register_font(FONT, FontStyle::Normal, FONT_FILE).is_ok());
    if *loaded { Ok(()) } else { Err(ChartError::Draw("the embedded font is damaged".to_owned())) }
}

/// The SVG with fallbacks for viewers that lack the font, and a title for screen readers.
pub fn finish_svg(svg: &str, title: &str) -> String {
    let svg = svg.replace(&format!("font-family=\"{FONT}\""), &format!("font-family=\"{FONT_FALLBACK}\""));
    // The backend escapes all but this, which no text of XML may hold.
    let svg = svg.replace("]]>", "]]&gt;");
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    match svg.split_once('\n') {
        Some((head, body)) => format!("{head}\n<title>{title}</title>\n{body}"),
        None => svg,
    }
}

/// Text of labels and legends.
pub fn text(colour: RGBColor) -> TextStyle<'static> {
    (FONT, TEXT_SIZE).into_font().color(&colour)
}

/// Label text anchored at its point.
pub fn anchored(colour: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    text(colour).pos(Pos::new(horizontal, vertical))
}

/// An entry of the legend.
pub struct Key {
    /// Its colour.
    pub colour: RGBColor,
    /// Its text.
    pub label: String,
}

impl Key {
    /// An entry.
    pub fn new(colour: RGBColor, label: impl Into<String>) -> Self {
        Key { colour, label: label.into() }
    }
}

/// The words around a chart.
pub struct Frame {
    /// What is shown, and of which scenario.
    pub title: String,
    /// What one has to know to read it.
    pub subtitle: String,
    /// The legend, left to right, in as many lines as it takes.
    pub keys: Vec<Key>,
}

impl Frame {
    /// Draws the words and returns what is left for the plot.
    pub fn draw<DB: DrawingBackend>(&self, root: &Area<DB>) -> Result<Area<DB>, ChartError> {
        root.fill(&WHITE)?;
        let width = CANVAS.0 as i32 - 2 * MARGIN;
        let title = (FONT, TITLE_SIZE).into_font().color(&INK);
        root.draw_text(&shortened(root, &self.title, &title, width)?, &title, (MARGIN, MARGIN))?;
        let mut top = MARGIN + LINE_HEIGHT + 14;
        if !self.subtitle.is_empty() {
            let subtitle = text(GREY);
            for line in two_lines(root, &self.subtitle, &subtitle, width)? {
                root.draw_text(&line, &subtitle, (MARGIN, top))?;
                top += LINE_HEIGHT;
            }
        }
        top = self.draw_keys(root, top)?;
        // On the right there is room for half a label.
        Ok(root.margin(top + 16, MARGIN - 10, MARGIN, MARGIN + 44))
    }

    fn draw_keys<DB: DrawingBackend>(&self, root: &Area<DB>, mut top: i32) -> Result<i32, ChartError> {
        const SWATCH: i32 = 30;
        const AFTER: i32 = 44;
        if self.keys.is_empty() {
            return Ok(top);
        }
        let style = text(INK);
        let mut left = MARGIN;
        for key in &self.keys {
            let (width, _) = root.estimate_text_size(&key.label, &style)?;
            let width = SWATCH + 12 + width as i32 + AFTER;
            if left > MARGIN && left + width > CANVAS.0 as i32 - MARGIN {
                left = MARGIN;
                top += LINE_HEIGHT;
            }
            // Text hangs a little higher in a PNG than in an SVG; this is the middle of both.
            let swatch = [(left, top - 4), (left + SWATCH, top - 4 + SWATCH)];
            root.draw(&Rectangle::new(swatch, key.colour.filled()))?;
            root.draw_text(&key.label, &style, (left + SWATCH + 12, top))?;
            left += width;
        }
        Ok(top + LINE_HEIGHT)
    }

    /// The frame around a message: there is nothing to plot.
    pub fn draw_empty<DB: DrawingBackend>(&self, root: &Area<DB>, message: &str) -> Result<(), ChartError> {
        let plot =
            Frame { title: self.title.clone(), subtitle: String::new(), keys: Vec::new() }.draw(root)?;
        let (width, height) = plot.dim_in_pixel();
        plot.draw(&Rectangle::new([(0, 0), (width as i32, height as i32)], GRID.stroke_width(2)))?;
        let style = anchored(GREY, HPos::Center, VPos::Center);
        plot.draw_text(message, &style, (width as i32 / 2, height as i32 / 2))?;
        Ok(())
    }
}

/// `words` in one line of `width` pixels, or broken between two; what does not fit into those is cut with an ellipsis.
fn two_lines<DB: DrawingBackend>(
    root: &Area<DB>,
    words: &str,
    style: &TextStyle<'_>,
    width: i32,
) -> Result<Vec<String>, ChartError> {
    let fits = |line: &str| -> Result<bool, ChartError> {
        Ok(root.estimate_text_size(line, style)?.0 as i32 <= width)
    };
    if fits(words)? {
        return Ok(vec![words.to_owned()]);
    }
    for (space, _) in words.char_indices().rev().filter(|(_, character)| *character == ' ') {
        if fits(&words[..space])? {
            let rest = shortened(root, &words[space + 1..], style, width)?;
            return Ok(vec![words[..space].to_owned(), rest]);
        }
    }
    Ok(vec![shortened(root, words, style, width)?])
}

/// `words` cut with an ellipsis so that they fit into `width` pixels.
pub fn shortened<DB: DrawingBackend>(
    root: &Area<DB>,
    words: &str,
    style: &TextStyle<'_>,
    width: i32,
) -> Result<String, ChartError> {
    let mut fitting = words.to_owned();
    while root.estimate_text_size(&fitting, style)?.0 as i32 > width {
        let kept = fitting.chars().count().saturating_sub(2);
        if kept == 0 {
            break;
        }
        fitting = format!("{}…", fitting.chars().take(kept).collect::<String>().trim_end());
    }
    Ok(fitting)
}
