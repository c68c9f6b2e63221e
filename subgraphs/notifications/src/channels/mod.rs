//! How a message leaves: one provider per channel, else the mailbox, which is a table.

mod api;
mod callbacks;
mod fcm;
mod letter;
mod mailbox;
mod phone;
mod providers;
mod sendgrid;
mod settings;
mod smtp;
mod twilio;
mod whatsapp;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use kernel::{Clock, DeliveryId, Fault, UserId};
use service::{Ctx, Deps};

pub use crate::domain::{ChannelKind, Locale, ReportedStatus};
pub use phone::e164;
pub use providers::{
    FcmSettings, SendgridSettings, SmtpSettings, SmtpTls, TwilioSettings, WhatsappSettings,
};
pub use settings::Settings;

use callbacks::{SendgridCallbacks, TwilioCallbacks, WhatsappCallbacks};

/// A message, ready to be sent to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The attempt to reach the person; the same again when it is tried again. Give it to a provider as
    /// its idempotency key, and as the reference by which its callbacks speak of the message.
    pub delivery_id: DeliveryId,
    /// Whom it is for.
    pub user_id: UserId,
    /// The channel it leaves by.
    pub channel: ChannelKind,
    /// Where it goes.
    pub to: Address,
    /// Subject of an e-mail, title of a push message; empty in SMS and WhatsApp.
    pub subject: String,
    /// The message as plain text.
    pub text: String,
    /// The message as a whole HTML document; e-mails only.
    pub html: Option<String>,
    /// The language it is written in.
    pub locale: Locale,
    /// The template a provider knows, for channels that send nothing else (WhatsApp).
    pub template: NamedTemplate,
    /// Where tapping the message leads.
    pub link: Option<String>,
}

/// A template by the name under which a provider keeps it, and what goes into its places, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTemplate {
    /// Lower case with underscores: `price_drop`.
    pub name: String,
    /// The values of `{{1}}`, `{{2}}`, …; none is empty.
    pub variables: Vec<String>,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An e-mail address, with the name of the person.
    Email {
        /// `siti@example.com`.
        address: String,
        /// How the person is called; may be empty.
        name: String,
    },
    /// A phone number in E.164, for SMS and WhatsApp.
    Phone(String),
    /// The token of a device, for push messages.
    Device(String),
}

/// What became of an attempt to send. Reasons are for operators: they hold no address and no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has taken it.
    Accepted {
        /// How the provider calls it; unique at that provider.
        provider_id: String,
    },
    /// The provider will never take it: not to be tried again.
    Refused {
        /// Why.
        reason: String,
    },
    /// The address does not exist any more: not to be tried again, and a device is forgotten.
    Gone {
        /// Why.
        reason: String,
    },
    /// It may work later.
    Failed {
        /// Why.
        reason: String,
        /// How long the provider asks to wait, if it does; a few hours at most.
        retry_after: Option<Duration>,
    },
}

/// What a provider's callback says about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// See [`Channels::provider`].
    pub provider: &'static str,
    /// Ours, when the provider repeats it. Preferred: a callback may be faster than the answer that tells
    /// us the provider's own.
    pub delivery_id: Option<DeliveryId>,
    /// The provider's, as in [`Outcome::Accepted`].
    pub provider_id: String,
    /// What became of it.
    pub status: ReportedStatus,
    /// When, as the provider says.
    pub at: DateTime<Utc>,
}

/// The way out of each channel.
#[derive(Clone)]
pub struct Channels {
    settings: Arc<Settings>,
    clock: Clock,
    mailbox: mailbox::Mailbox,
    email: Option<Email>,
    sms: Option<Arc<twilio::Twilio>>,
    push: Option<Arc<fcm::Fcm>>,
    whatsapp: Option<Arc<whatsapp::Whatsapp>>,
    callbacks: Callbacks,
}

#[derive(Clone)]
enum Email {
    Smtp(Arc<smtp::Smtp>),
    Sendgrid(Arc<sendgrid::Sendgrid>),
}

#[derive(Clone)]
struct Callbacks {
    twilio: Option<Arc<TwilioCallbacks>>,
    sendgrid: Option<Arc<SendgridCallbacks>>,
    whatsapp: Option<Arc<WhatsappCallbacks>>,
}

impl Channels {
    /// The channels that `settings` describe.
    ///
    /// # Errors
    /// [`Fault`] when a provider's settings make no sense.
    pub fn new(settings: Settings, deps: &Deps) -> Result<Self, Fault> {
        settings.check()?;
        let country = settings.country_code.as_str();
        let sms = settings.twilio.as_ref().map(|section| {
            let callback = settings.callback(callbacks::TWILIO_PATH);
            twilio::Twilio::new(section, callback, country).map(Arc::new)
        });
        let push = settings
            .fcm
            .as_ref()
            .map(|section| fcm::Fcm::new(section, &deps.clock).map(Arc::new));
        let whatsapp = settings
            .whatsapp
            .as_ref()
            .map(|section| whatsapp::Whatsapp::new(section, country).map(Arc::new));
        Ok(Self {
            clock: deps.clock.clone(),
            mailbox: mailbox::Mailbox::new(deps),
            email: Email::new(&settings)?,
            sms: sms.transpose()?,
            push: push.transpose()?,
            whatsapp: whatsapp.transpose()?,
            callbacks: Callbacks::new(&settings)?,
            settings: Arc::new(settings),
        })
    }

    /// What they were made from.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who sends messages of this channel, for the delivery log: a name from a closed list.
    #[must_use]
    pub fn provider(&self, channel: ChannelKind) -> &'static str {
        self.settings.provider(channel)
    }

    /// Sends a message. Takes at most the providers' own time limits.
    pub async fn send(&self, message: &Message) -> Outcome {
        match message.channel {
            ChannelKind::InApp => Outcome::Refused {
                reason: "nothing is sent in the app".to_owned(),
            },
            ChannelKind::Email => match &self.email {
                Some(Email::Smtp(smtp)) => smtp.send(message, self.clock.now()).await,
                Some(Email::Sendgrid(sendgrid)) => sendgrid.send(message).await,
                None => self.without_provider(message).await,
            },
            ChannelKind::Sms => match &self.sms {
                Some(twilio) => twilio.send(message).await,
                None => self.without_provider(message).await,
            },
            ChannelKind::Push => match &self.push {
                Some(fcm) => fcm.send(message).await,
                None => self.without_provider(message).await,
            },
            ChannelKind::Whatsapp => match &self.whatsapp {
                Some(whatsapp) => whatsapp.send(message).await,
                None => self.without_provider(message).await,
            },
        }
    }

    async fn without_provider(&self, message: &Message) -> Outcome {
        if self.settings.mailbox {
            return self.mailbox.keep(message).await;
        }
        Outcome::Refused {
            reason: "the channel has no provider".to_owned(),
        }
    }

    /// Where providers report what became of messages: `/notifications/callbacks/<provider>`. `ctx` acts
    /// on behalf of this subgraph; each report ends in [`crate::commands::record_status`].
    pub fn routes(&self, ctx: &Ctx) -> axum::Router {
        let mut routes = axum::Router::new();
        if let Some(twilio) = &self.callbacks.twilio {
            routes = routes.merge(Arc::clone(twilio).routes(ctx.clone()));
        }
        if let Some(sendgrid) = &self.callbacks.sendgrid {
            routes = routes.merge(Arc::clone(sendgrid).routes(ctx.clone()));
        }
        if let Some(whatsapp) = &self.callbacks.whatsapp {
            routes = routes.merge(Arc::clone(whatsapp).routes(ctx.clone()));
        }
        routes
    }
}

impl Email {
    fn new(settings: &Settings) -> Result<Option<Self>, Fault> {
        let smtp = settings.smtp.as_ref().map(smtp::Smtp::new).transpose()?;
        let sendgrid = settings.sendgrid.as_ref();
        let sendgrid = sendgrid.map(sendgrid::Sendgrid::new).transpose()?;
        Ok(smtp
            .map(|smtp| Self::Smtp(Arc::new(smtp)))
            .or_else(|| sendgrid.map(|sendgrid| Self::Sendgrid(Arc::new(sendgrid)))))
    }
}

impl Callbacks {
    fn new(settings: &Settings) -> Result<Self, Fault> {
        let twilio = settings.twilio.as_ref().zip(settings.callback_url.as_ref());
        let sendgrid = settings.sendgrid.as_ref();
        let sendgrid = sendgrid.and_then(|section| section.webhook_key.as_deref());
        let whatsapp = settings.whatsapp.as_ref();
        Ok(Self {
            twilio: twilio.map(|(section, url)| Arc::new(TwilioCallbacks::new(section, url))),
            sendgrid: sendgrid
                .map(|key| SendgridCallbacks::new(key).map(Arc::new))
                .transpose()?,
            whatsapp: whatsapp.and_then(WhatsappCallbacks::new).map(Arc::new),
        })
    }
}
