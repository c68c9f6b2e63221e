//! Object types of administration: deliveries, the mailbox, wordings.

use async_graphql::{Object, SimpleObject};
use chrono::{DateTime, Utc};
use gql::GlobalId;
use kernel::markers;

use super::{
    person::UserNode,
    types::{ChannelValue, LocaleValue, StatusValue, TypeValue},
};
use crate::domain::{Delivery, Letter, Rendered, Template};

pub(crate) struct DeliveryNode(pub(crate) Delivery);

/// An attempt to reach a person over one channel. For `manage:notifications`.
#[Object(name = "NotificationDelivery")]
impl DeliveryNode {
    /// Id, begins with `delivery_`.
    async fn id(&self) -> GlobalId<markers::Delivery> {
        self.0.id.into()
    }

    /// The notification, begins with `notification_`.
    async fn notification_id(&self) -> GlobalId<markers::Notification> {
        self.0.notification_id.into()
    }

    /// The person.
    async fn user(&self) -> Option<UserNode> {
        Some(UserNode { id: self.0.user_id })
    }

    /// What kind of thing it tells.
    async fn r#type(&self) -> TypeValue {
        self.0.kind.into()
    }

    /// By which way.
    async fn channel(&self) -> ChannelValue {
        self.0.channel.into()
    }

    /// Where it stands.
    async fn status(&self) -> StatusValue {
        self.0.status.into()
    }

    /// How often it was tried, at most 8.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it is tried next; null when it is not.
    async fn next_attempt_at(&self) -> Option<DateTime<Utc>> {
        self.0.next_attempt_at
    }

    /// Who carries it; null before the first attempt.
    async fn provider(&self) -> Option<&str> {
        self.0.provider.as_deref()
    }

    /// How the provider calls it; null until it has taken it.
    async fn provider_id(&self) -> Option<&str> {
        self.0.provider_id.as_deref()
    }

    /// Why it failed last or was cancelled; null otherwise.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// When it was queued.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When the provider took it; null until then.
    async fn sent_at(&self) -> Option<DateTime<Utc>> {
        self.0.sent_at
    }
}

/// A message of a channel without a provider, kept instead of sent. For `manage:notifications`.
#[derive(SimpleObject)]
#[graphql(name = "NotificationLetter")]
pub(crate) struct LetterNode {
    /// Id of the delivery, begins with `delivery_`.
    id: GlobalId<markers::Delivery>,
    /// The person it is for.
    user: Option<UserNode>,
    /// The channel it would have left by.
    channel: ChannelValue,
    /// E-mail address, phone number or token of a device.
    address: String,
    /// Subject; empty where the channel has none.
    subject: String,
    /// Plain text.
    text: String,
    /// HTML of an e-mail; null for other channels.
    html: Option<String>,
    /// When it would have been sent.
    created_at: DateTime<Utc>,
}

impl From<Letter> for LetterNode {
    fn from(letter: Letter) -> Self {
        Self {
            id: letter.id.into(),
            user: Some(UserNode { id: letter.user_id }),
            channel: letter.channel.into(),
            address: letter.address,
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            created_at: letter.created_at,
        }
    }
}

/// A value that wordings show.
#[derive(SimpleObject)]
struct NotificationVariable {
    /// As wordings write it, between double braces.
    name: &'static str,
    /// Whether every wording must show it.
    is_required: bool,
}

pub(crate) struct TemplateNode(pub(crate) Template);

/// How one type of notification is told over one channel in one language. For `manage:notifications`.
#[Object(name = "NotificationTemplate")]
impl TemplateNode {
    /// Id, begins with `template_`; null while nobody has changed it.
    async fn id(&self) -> Option<GlobalId<markers::NotificationTemplate>> {
        self.0.id.map(Into::into)
    }

    /// The type.
    async fn r#type(&self) -> TypeValue {
        self.0.kind.into()
    }

    /// The channel.
    async fn channel(&self) -> ChannelValue {
        self.0.channel.into()
    }

    /// The language.
    async fn locale(&self) -> LocaleValue {
        self.0.locale.into()
    }

    /// Subject or title; empty where the channel has none.
    async fn subject(&self) -> &str {
        &self.0.wording.subject
    }

    /// The text.
    async fn text(&self) -> &str {
        &self.0.wording.text
    }

    /// The HTML of an e-mail; null when it is made from the text.
    async fn html(&self) -> Option<&str> {
        self.0.wording.html.as_deref()
    }

    /// What it may show, and what it must.
    async fn variables(&self) -> Vec<NotificationVariable> {
        let variables = self.0.kind.variables(self.0.channel).into_iter();
        variables
            .map(|variable| NotificationVariable {
                name: variable.name,
                is_required: variable.is_required,
            })
            .collect()
    }

    /// Whether it is the wording that Pasar comes with.
    async fn is_default(&self) -> bool {
        self.0.is_default
    }

    /// Grows with every change; mutations take it as `expectedVersion`. 0 while nobody has changed it.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// When it was last changed; null while nobody has.
    async fn updated_at(&self) -> Option<DateTime<Utc>> {
        self.0.updated_at
    }
}

/// A wording with samples of its values.
#[derive(SimpleObject)]
pub(crate) struct NotificationPreview {
    /// Subject or title; empty where the channel has none.
    subject: String,
    /// The text.
    text: String,
    /// The whole HTML document of an e-mail; null for other channels.
    html: Option<String>,
}

impl From<Rendered> for NotificationPreview {
    fn from(rendered: Rendered) -> Self {
        Self {
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
        }
    }
}
