//! How things are told: wordings with places for values.
//!
//! The language of wordings is a small part of Jinja: `{{ value }}` prints, `{% if value %}`, `{% if not
//! value %}`, `{% elif … %}`, `{% else %}`, `{% endif %}` ask whether there is one. There are no filters, loops
//! or calls, and every value is a text, so a wording that was accepted cannot fail later, whatever the
//! values are.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::Money;
use minijinja::{AutoEscape, Environment, Template};

use super::{
    ChannelKind, Locale, NotificationType, Rejection, Variable, VariableValue, Variables, format,
};

/// The longest subject, in characters.
pub const MAX_SUBJECT: usize = 200;
/// The longest HTML of an e-mail, in characters.
pub const MAX_HTML: usize = 100_000;

/// How one kind of notification is told over one channel in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wording {
    /// Subject or title; empty for SMS and WhatsApp.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The HTML of an e-mail; without it, it is made from the text.
    pub html: Option<String>,
}

/// A wording with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject or title, one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// A whole HTML document, for e-mails.
    pub html: Option<String>,
}

/// The longest text for that channel, in characters.
#[must_use]
pub const fn max_text(channel: ChannelKind) -> usize {
    match channel {
        ChannelKind::Email => 10_000,
        ChannelKind::Sms => 600,
        ChannelKind::InApp | ChannelKind::Push | ChannelKind::Whatsapp => 1_000,
    }
}

/// Whether messages of that channel have a subject.
#[must_use]
pub const fn has_subject(channel: ChannelKind) -> bool {
    matches!(
        channel,
        ChannelKind::InApp | ChannelKind::Email | ChannelKind::Push
    )
}

impl Wording {
    /// Checks that it can be rendered with any values of the type and shows those that it must.
    ///
    /// # Errors
    /// [`Rejection::Invalid`] naming the field and what is wrong.
    pub fn check(&self, kind: NotificationType, channel: ChannelKind) -> Result<(), Rejection> {
        if !kind.takes(channel) {
            return Err(Rejection::invalid(
                "channel",
                "must be one that the type takes",
            ));
        }
        self.check_lengths(channel)?;
        let (plain, escaping) = (engine(false), engine(true));
        let variables = kind.variables(channel);
        let html = self.html.as_deref();
        let parsed = Parsed {
            subject: parse(&plain, "subject", &self.subject, &variables)?,
            text: parse(&plain, "text", &self.text, &variables)?,
            html: html
                .map(|html| parse(&escaping, "html", html, &variables))
                .transpose()?,
        };
        parsed.check_required(kind.rule().required, &variables)
    }

    fn check_lengths(&self, channel: ChannelKind) -> Result<(), Rejection> {
        let subject = self.subject.trim();
        if has_subject(channel) {
            if subject.is_empty() || subject.chars().count() > MAX_SUBJECT || subject.contains('\n')
            {
                return Err(Rejection::invalid(
                    "subject",
                    "must be a line of 1 to 200 characters",
                ));
            }
        } else if !subject.is_empty() {
            return Err(Rejection::invalid(
                "subject",
                "must be empty: messages of this channel have none",
            ));
        }
        let most = max_text(channel);
        if self.text.trim().is_empty() || self.text.chars().count() > most {
            let rule = format!("must have 1 to {most} characters");
            return Err(Rejection::invalid("text", rule));
        }
        match &self.html {
            Some(_) if channel != ChannelKind::Email => Err(Rejection::invalid(
                "html",
                "must be left out: only e-mails have it",
            )),
            Some(html) if html.trim().is_empty() || html.chars().count() > MAX_HTML => Err(
                Rejection::invalid("html", "must have 1 to 100000 characters, or be left out"),
            ),
            _ => Ok(()),
        }
    }

    /// Puts the values in. `None` when the wording is not one that [`Wording::check`] accepts.
    #[must_use]
    pub fn render(
        &self,
        kind: NotificationType,
        channel: ChannelKind,
        locale: Locale,
        variables: &Variables,
    ) -> Option<Rendered> {
        let values: BTreeMap<String, String> = kind
            .variables(channel)
            .iter()
            .map(|variable| {
                let value = variables.get(variable.name);
                let text = value.map(|value| format::text(value, locale));
                (variable.name.to_owned(), text.unwrap_or_default())
            })
            .collect();
        let subject = fill(&self.subject, &values, false)?;
        let text = fill(&self.text, &values, false)?;
        let html = match (&self.html, channel) {
            (Some(html), ChannelKind::Email) => Some(fill(html, &values, true)?),
            (None, ChannelKind::Email) => {
                let site = values.get("site").map_or("", String::as_str);
                Some(format::html(&text, locale, site))
            }
            _ => None,
        };
        Some(Rendered {
            // One line: a value must not add headers.
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            text: text.trim().to_owned(),
            html,
        })
    }
}

/// The parts of a wording.
struct Parsed<'a> {
    subject: Template<'a, 'a>,
    text: Template<'a, 'a>,
    html: Option<Template<'a, 'a>>,
}

impl Parsed<'_> {
    /// What must be shown must be shown whatever else is there or missing. Each case is tried: of
    /// [`MAX_OPTIONAL`](super::kind::MAX_OPTIONAL) values that may be missing there are few.
    fn check_required(&self, required: &[&str], variables: &[Variable]) -> Result<(), Rejection> {
        if required.is_empty() {
            return Ok(());
        }
        let optional = variables.iter().filter(|variable| !variable.is_required);
        let optional: Vec<_> = optional.map(|variable| variable.name).collect();
        for case in 0..1_u32 << optional.len() {
            let present = optional
                .iter()
                .enumerate()
                .filter(|(place, _)| case >> place & 1 == 1);
            let present: Vec<_> = present.map(|(_, name)| *name).collect();
            let value = |variable: &Variable| {
                let is_there = variable.is_required || present.contains(&variable.name);
                let text = is_there.then(|| mark(variable.name));
                (variable.name.to_owned(), text.unwrap_or_default())
            };
            self.check_shown(required, &variables.iter().map(value).collect())?;
        }
        Ok(())
    }

    /// Demands that these values are shown.
    fn check_shown(
        &self,
        required: &[&str],
        values: &BTreeMap<String, String>,
    ) -> Result<(), Rejection> {
        let show = |part: &Template<'_, '_>| part.render(values).unwrap_or_default();
        let shown = format!("{} {}", show(&self.subject), show(&self.text));
        let html = self.html.as_ref().map(show);
        for name in required {
            let mark = mark(name);
            if !shown.contains(&mark) {
                let rule = format!("must show {{{{ {name} }}}} in any case, or the subject must");
                return Err(Rejection::invalid("text", rule));
            }
            if html.as_ref().is_some_and(|html| !html.contains(&mark)) {
                let rule = format!("must show {{{{ {name} }}}} in any case");
                return Err(Rejection::invalid("html", rule));
            }
        }
        Ok(())
    }
}

/// Reads a part, whose rules it must keep.
fn parse<'a>(
    engine: &'a Environment<'a>,
    field: &'static str,
    source: &'a str,
    variables: &[Variable],
) -> Result<Template<'a, 'a>, Rejection> {
    let known: Vec<_> = variables.iter().map(|variable| variable.name).collect();
    check_syntax(source, &known).map_err(|rule| Rejection::invalid(field, rule))?;
    // The scanner knows what may stand between the braces, the parser whether it closes and is not nested
    // so deeply that its stack would not do.
    engine.template_from_str(source).map_err(|error| {
        let line = error.line().unwrap_or(1);
        let rule = format!(
            "must close each {{% if %}} with {{% endif %}}, at most 100 within each other: see line {line}"
        );
        Rejection::invalid(field, rule)
    })
}

/// A text that no wording contains by itself.
fn mark(name: &str) -> String {
    format!("\u{2039}{name}\u{203a}")
}

/// An engine that knows nothing but printing and asking.
fn engine(is_html: bool) -> Environment<'static> {
    let mut engine = Environment::empty();
    engine.set_auto_escape_callback(move |_| {
        if is_html {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    engine
}

fn fill(source: &str, values: &BTreeMap<String, String>, is_html: bool) -> Option<String> {
    engine(is_html).render_str(source, values).ok()
}

/// Checks what stands between braces. The message is for the field's rule.
fn check_syntax(source: &str, known: &[&str]) -> Result<(), String> {
    let mut rest = source;
    while let Some(at) = rest.find(['{']) {
        let (_, from) = rest.split_at(at);
        let (inner, after, is_tag) = if let Some(inner) = from.strip_prefix("{{") {
            let (inner, after) = inner.split_once("}}").ok_or("must close each {{ with }}")?;
            (inner, after, false)
        } else if let Some(inner) = from.strip_prefix("{%") {
            let (inner, after) = inner.split_once("%}").ok_or("must close each {% with %}")?;
            (inner, after, true)
        } else if from.starts_with("{#") {
            return Err("must not hold comments".to_owned());
        } else {
            rest = from.strip_prefix('{').unwrap_or_default();
            continue;
        };
        if is_tag {
            check_tag(inner, known)?;
        } else {
            check_name(inner.trim(), known)?;
        }
        rest = after;
    }
    Ok(())
}

fn check_tag(inner: &str, known: &[&str]) -> Result<(), String> {
    let words: Vec<_> = inner.split_whitespace().collect();
    match words[..] {
        ["else" | "endif"] => Ok(()),
        ["if" | "elif", name] | ["if" | "elif", "not", name] => check_name(name, known),
        _ => Err(format!(
            "must not hold {{%{inner}%}}: only if, elif, else and endif with one value are known"
        )),
    }
}

fn check_name(name: &str, known: &[&str]) -> Result<(), String> {
    if known.contains(&name) {
        return Ok(());
    }
    Err(format!(
        "must not name `{name}`: the values of this type are {}",
        known.join(", ")
    ))
}

/// A value for everything that a wording may name, to look at it.
#[must_use]
pub fn samples(kind: NotificationType, channel: ChannelKind, now: DateTime<Utc>) -> Variables {
    let sample = |name: &str| match name {
        "new_price" => VariableValue::Amount(Money::rupiah(89_000)),
        "old_price" | "total" | "amount" => VariableValue::Amount(Money::rupiah(120_000)),
        "quantity" | "rating" => VariableValue::Count(4),
        "valid_until" | "occurred_at" | "starts_at" | "expires_at" => VariableValue::Time(now),
        "link" => VariableValue::Text("https://pasar.example/here".to_owned()),
        "site" => VariableValue::Text("https://pasar.example".to_owned()),
        "code" => VariableValue::Text("012345".to_owned()),
        "name" | "sender_name" => VariableValue::Text("Siti R.".to_owned()),
        "product_name" => VariableValue::Text("Kangkung Segar".to_owned()),
        other => VariableValue::Text(other.replace('_', " ")),
    };
    let variables = kind.variables(channel);
    variables
        .iter()
        .map(|variable| (variable.name.to_owned(), sample(variable.name)))
        .collect()
}
