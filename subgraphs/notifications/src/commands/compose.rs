//! A delivery becomes a message: who is meant, what it says, where it goes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{DeviceId, Fault, Named as _, NotificationId, UserId, VerificationId};
use serde::Deserialize;
use serde_json::json;
use service::Ctx;

use crate::{
    channels::{Address, Message, NamedTemplate},
    domain::{
        ChannelKind, Delivery, Device, Locale, Matrix, Notification, NotificationType, Person,
        Template, VariableValue, Variables, Wording, default_wording, format,
        preferences::waits_until,
    },
    store,
};

const CONTACTS: &str = "query($ids: [ID!]!) { userContacts(ids: $ids) { userId displayName email \
     isEmailVerified phone isPhoneVerified locale hasMarketingConsent } }";
const LETTER: &str = "query($id: ID!) { verificationMessage(verificationId: $id) { email phone \
     displayName locale token expiresAt } }";

/// What identity knows of a person.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contact {
    user_id: UserId,
    display_name: String,
    email: String,
    is_email_verified: bool,
    phone: Option<String>,
    is_phone_verified: bool,
    locale: Locale,
    has_marketing_consent: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Contacts {
    user_contacts: Vec<Option<Contact>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Letter {
    verification_message: Option<LetterText>,
}

/// What a letter with a token says, or an SMS with a code.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LetterText {
    email: Option<String>,
    phone: Option<String>,
    display_name: String,
    locale: Locale,
    token: String,
    expires_at: DateTime<Utc>,
}

/// What becomes of a delivery.
pub(super) enum Envelope {
    /// It can be sent.
    Message(Box<Message>),
    /// There is nobody to send it to: why, for operators.
    Nobody(&'static str),
    /// The person is left in peace until then.
    NotYet(DateTime<Utc>),
}

/// What the messages of a batch need, read at once.
pub(super) struct Post {
    notifications: HashMap<NotificationId, Notification>,
    people: HashMap<UserId, Person>,
    matrices: HashMap<UserId, Matrix>,
    devices: HashMap<DeviceId, Device>,
    contacts: HashMap<UserId, Contact>,
    templates: Vec<Template>,
}

impl Post {
    /// Reads what these deliveries need.
    pub(super) async fn load(ctx: &Ctx, deliveries: &[Delivery]) -> Result<Self, Fault> {
        let mut users: Vec<_> = deliveries.iter().map(|delivery| delivery.user_id).collect();
        users.sort();
        users.dedup();
        let variables = json!({ "ids": &users });
        let contacts: Contacts = ctx.peers.call(ctx, "identity", CONTACTS, variables).await?;
        let contacts = contacts.user_contacts.into_iter().flatten();
        let ids: Vec<_> = deliveries.iter().map(|d| d.notification_id).collect();
        let devices: Vec<_> = deliveries.iter().filter_map(|d| d.device_id).collect();
        let kinds: Vec<_> = deliveries.iter().map(|d| d.kind).collect();
        let notifications = store::notifications::load(&ctx.db, &ids).await?;
        let devices = store::devices::load(&ctx.db, &devices).await?;
        Ok(Self {
            notifications: notifications.into_iter().map(|n| (n.id, n)).collect(),
            people: store::people::load(&ctx.db, &users).await?,
            matrices: store::people::load_matrices(&ctx.db, &users, None).await?,
            devices: devices
                .into_iter()
                .map(|device| (device.id, device))
                .collect(),
            contacts: contacts.map(|contact| (contact.user_id, contact)).collect(),
            templates: store::templates::load(&ctx.db, &kinds, &[], &[]).await?,
        })
    }

    fn wording(&self, kind: NotificationType, channel: ChannelKind, locale: Locale) -> Wording {
        let changed = self.templates.iter().find(|template| {
            (template.kind, template.channel, template.locale) == (kind, channel, locale)
        });
        changed.map_or_else(
            || default_wording(kind, channel, locale),
            |template| template.wording.clone(),
        )
    }
}

/// Where a message goes, in which language, and what only the sender of letters knows.
struct Recipient {
    to: Address,
    name: String,
    locale: Locale,
    link: Option<String>,
    code: Option<String>,
    valid_until: Option<DateTime<Utc>>,
}

/// Makes the message of a delivery, as things are now: the person may have gone, moved or muted it.
pub(super) async fn compose(
    ctx: &Ctx,
    post: &Post,
    delivery: &Delivery,
    site: &str,
) -> Result<Envelope, Fault> {
    let found = post
        .notifications
        .get(&delivery.notification_id)
        .zip(post.people.get(&delivery.user_id));
    let Some((notification, person)) = found.filter(|(_, person)| person.is_reachable()) else {
        return Ok(Envelope::Nobody("the account is closed or gone"));
    };
    let Some(contact) = post.contacts.get(&delivery.user_id) else {
        return Ok(Envelope::Nobody("the account is closed or gone"));
    };
    let matrix = post
        .matrices
        .get(&delivery.user_id)
        .cloned()
        .unwrap_or_default();
    if !matrix.is_enabled(
        delivery.kind,
        delivery.channel,
        contact.has_marketing_consent,
    ) {
        return Ok(Envelope::Nobody("it was muted in the meantime"));
    }
    if let Some(until) = waits_until(delivery.kind, delivery.channel, person.quiet, ctx.now()) {
        return Ok(Envelope::NotYet(until));
    }
    let recipient = match delivery.kind {
        NotificationType::VerifyEmail
        | NotificationType::VerifyPhone
        | NotificationType::PasswordReset => of_letter(ctx, notification, site).await?,
        _ => address(post, delivery, contact).map(|to| Recipient {
            to,
            name: contact.display_name.clone(),
            locale: contact.locale,
            link: notification.news.link(site),
            code: None,
            valid_until: None,
        }),
    };
    Ok(match recipient {
        Ok(recipient) => Envelope::Message(Box::new(write(
            post,
            delivery,
            notification,
            recipient,
            site,
        )?)),
        Err(reason) => Envelope::Nobody(reason),
    })
}

/// The address of a person for a channel, or why there is none.
fn address(post: &Post, delivery: &Delivery, contact: &Contact) -> Result<Address, &'static str> {
    match delivery.channel {
        ChannelKind::InApp => Err("nothing is sent in the app"),
        ChannelKind::Email if contact.is_email_verified || delivery.kind.is_for_unverified() => {
            Ok(Address::Email {
                address: contact.email.clone(),
                name: contact.display_name.clone(),
            })
        }
        ChannelKind::Email => Err("the e-mail address is not confirmed"),
        // A number that nobody has confirmed may be a stranger's, whatever is told.
        ChannelKind::Sms | ChannelKind::Whatsapp => contact
            .phone
            .clone()
            .filter(|_| contact.is_phone_verified)
            .map(Address::Phone)
            .ok_or("there is no confirmed phone number"),
        ChannelKind::Push => delivery
            .device_id
            .and_then(|id| post.devices.get(&id))
            .filter(|device| device.user_id == delivery.user_id)
            .map(|device| Address::Device(device.token.clone()))
            .ok_or("the device is gone"),
    }
}

/// The recipient of a letter with a token or an SMS with a code: identity knows the address that it is about.
async fn of_letter(
    ctx: &Ctx,
    notification: &Notification,
    site: &str,
) -> Result<Result<Recipient, &'static str>, Fault> {
    let id: VerificationId = notification.news.subject_key.parse()?;
    let variables = json!({ "id": id });
    let letter: Letter = ctx.peers.call(ctx, "identity", LETTER, variables).await?;
    // Tokens are made of letters that addresses may hold.
    let link = |page: &str, token: &str| Some(format!("{site}/{page}?token={token}"));
    let recipient = letter.verification_message.and_then(|text| {
        let name = text.display_name;
        let by_email = text.email.map(|address| Address::Email {
            address,
            name: name.clone(),
        });
        let (to, link, code) = match notification.news.kind {
            NotificationType::VerifyPhone => {
                (text.phone.map(Address::Phone), None, Some(text.token))
            }
            NotificationType::PasswordReset => {
                (by_email, link("reset-password", &text.token), None)
            }
            _ => (by_email, link("verify-email", &text.token), None),
        };
        Some(Recipient {
            to: to?,
            name,
            locale: text.locale,
            link,
            code,
            valid_until: Some(text.expires_at),
        })
    });
    Ok(recipient.ok_or("the link or code was used, replaced or has expired"))
}

fn write(
    post: &Post,
    delivery: &Delivery,
    notification: &Notification,
    recipient: Recipient,
    site: &str,
) -> Result<Message, Fault> {
    let (kind, channel, locale) = (delivery.kind, delivery.channel, recipient.locale);
    let mut variables = notification.news.variables.clone();
    let mut add = |name: &str, value| variables.insert(name.to_owned(), value);
    add("site", VariableValue::Text(site.to_owned()));
    add("name", VariableValue::Text(recipient.name));
    if let Some(link) = &recipient.link {
        add("link", VariableValue::Text(link.clone()));
    }
    if let Some(code) = recipient.code {
        add("code", VariableValue::Text(code));
    }
    if let Some(time) = recipient.valid_until {
        add("valid_until", VariableValue::Time(time));
    }
    let rendered = post
        .wording(kind, channel, locale)
        .render(kind, channel, locale, &variables)
        .ok_or_else(|| Fault::internal(format!("a wording of {} is broken", kind.name())))?;
    Ok(Message {
        delivery_id: delivery.id,
        user_id: delivery.user_id,
        channel,
        to: recipient.to,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        locale,
        template: template(kind, locale, &variables),
        link: recipient.link,
    })
}

/// The provider's template of a type: its name in lower case, with the values of the type in order.
fn template(kind: NotificationType, locale: Locale, variables: &Variables) -> NamedTemplate {
    let rule = kind.rule();
    let names = rule.required.iter().chain(rule.optional);
    let texts = names.map(|name| {
        let text = variables
            .get(*name)
            .map(|value| format::text(value, locale));
        // Providers refuse empty values.
        text.filter(|text| !text.is_empty())
            .unwrap_or_else(|| "-".to_owned())
    });
    NamedTemplate {
        name: kind.name().to_lowercase(),
        variables: texts.collect(),
    }
}
