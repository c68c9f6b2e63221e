//! Stand-ins for the providers that carry messages: they speak the real wire formats, refuse what the real ones
//! refuse, keep what they were given, sign callbacks as the real ones do, and fail as they are told.

pub mod fcm;
pub mod sendgrid;
pub mod smtp;
mod tls;
pub mod twilio;
mod web;
pub mod whatsapp;

pub use fcm::Fcm;
pub use sendgrid::Sendgrid;
pub use smtp::SmtpSink;
pub use twilio::Twilio;
pub use web::{Answer, Callback, Fault, Received};
pub use whatsapp::Whatsapp;
