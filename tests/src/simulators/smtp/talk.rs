//! One conversation with a client.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use super::{Mail, PASSWORD, Protection, Shared, SmtpFault, Stage, USER};

/// RFC 5321 4.5.3.1.6, without the line break.
const LONGEST_LINE: usize = 998;

/// Talks with a client until one of the two ends it.
pub(super) async fn converse(
    stream: TcpStream,
    shared: Arc<Shared>,
    number: usize,
) -> std::io::Result<()> {
    let acceptor = shared.acceptor.clone();
    let mut talk = Talk {
        shared,
        number,
        is_encrypted: false,
        user: None,
        from: None,
        to: Vec::new(),
    };
    if talk.shared.protection == Protection::Implicit {
        talk.is_encrypted = true;
        let mut stream = BufReader::new(acceptor.accept(stream).await?);
        return talk.run(&mut stream, true).await.map(|_| ());
    }
    let mut stream = BufReader::new(stream);
    if talk.run(&mut stream, true).await? == End::Encrypt {
        talk.is_encrypted = true;
        let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).await?);
        talk.run(&mut stream, false).await?;
    }
    Ok(())
}

/// Why a part of a conversation ended.
#[derive(PartialEq, Eq)]
enum End {
    Closed,
    Encrypt,
}

/// One conversation.
struct Talk {
    shared: Arc<Shared>,
    number: usize,
    is_encrypted: bool,
    user: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

impl Talk {
    async fn run<S>(&mut self, stream: &mut BufReader<S>, greets: bool) -> std::io::Result<End>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if greets
            && !self
                .step(stream, Stage::Greeting, "220 sink.test ESMTP")
                .await?
        {
            return Ok(End::Closed);
        }
        loop {
            let Some(line) = read_line(stream).await? else {
                return Ok(End::Closed);
            };
            let verb = line.split([' ', ':']).next().unwrap_or_default();
            let goes_on = match verb.to_ascii_uppercase().as_str() {
                "EHLO" => say(stream, &self.extensions()).await?,
                "STARTTLS" if !self.is_encrypted => {
                    say(stream, "220 2.0.0 go ahead").await?;
                    return Ok(End::Encrypt);
                }
                "AUTH" => self.log_in(stream, &line).await?,
                "MAIL" => self.mail(stream, &line).await?,
                "RCPT" => self.recipient(stream, &line).await?,
                "DATA" => self.data(stream).await?,
                "RSET" => {
                    self.forget();
                    say(stream, "250 2.0.0 forgotten").await?
                }
                "NOOP" => say(stream, "250 2.0.0 still here").await?,
                "QUIT" => {
                    say(stream, "221 2.0.0 bye").await?;
                    false
                }
                _ => say(stream, "500 5.5.2 what?").await?,
            };
            if !goes_on {
                return Ok(End::Closed);
            }
        }
    }

    fn extensions(&self) -> String {
        let mut lines = vec!["sink.test", "8BITMIME", "ENHANCEDSTATUSCODES"];
        if self.shared.protection == Protection::StartTls && !self.is_encrypted {
            lines.push("STARTTLS");
        }
        if self.is_encrypted {
            lines.push("AUTH PLAIN LOGIN");
        }
        let last = lines.len() - 1;
        let lines = lines.iter().enumerate().map(|(index, line)| {
            let mark = if index == last { ' ' } else { '-' };
            format!("250{mark}{line}")
        });
        lines.collect::<Vec<_>>().join("\r\n")
    }

    async fn log_in<S>(&mut self, stream: &mut BufReader<S>, line: &str) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let answer = line.strip_prefix("AUTH PLAIN ").unwrap_or_default();
        let plain = STANDARD.decode(answer).unwrap_or_default();
        if !self.is_encrypted {
            return say(stream, "538 5.7.11 encryption required").await;
        }
        if plain != format!("\0{USER}\0{PASSWORD}").as_bytes() {
            return say(stream, "535 5.7.8 these are not the credentials").await;
        }
        self.user = Some(USER.to_owned());
        say(stream, "235 2.7.0 welcome").await
    }

    async fn mail<S>(&mut self, stream: &mut BufReader<S>, line: &str) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if self.shared.protection != Protection::None && self.user.is_none() {
            return say(stream, "530 5.7.0 log in first").await;
        }
        let Some(from) = path(line, "MAIL FROM:") else {
            return say(stream, "501 5.5.4 MAIL FROM:<address>").await;
        };
        self.forget();
        self.from = Some(from);
        self.step(stream, Stage::Mail, "250 2.1.0 fine").await
    }

    async fn recipient<S>(&mut self, stream: &mut BufReader<S>, line: &str) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Some(to) = path(line, "RCPT TO:") else {
            return say(stream, "501 5.5.4 RCPT TO:<address>").await;
        };
        if self.from.is_none() {
            return say(stream, "503 5.5.1 MAIL first").await;
        }
        self.to.push(to);
        self.step(stream, Stage::Recipient, "250 2.1.5 fine").await
    }

    async fn data<S>(&mut self, stream: &mut BufReader<S>) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if self.to.is_empty() {
            return say(stream, "503 5.5.1 RCPT first").await;
        }
        say(stream, "354 end with a dot").await?;
        let mut data = String::new();
        loop {
            let Some(line) = read_line(stream).await? else {
                return Ok(false);
            };
            if line == "." {
                break;
            }
            if line.len() > LONGEST_LINE {
                return say(stream, "500 5.5.2 line too long").await;
            }
            data.push_str(line.strip_prefix('.').unwrap_or(&line));
            data.push_str("\r\n");
        }
        let mail = Mail {
            from: self.from.take().unwrap_or_default(),
            to: std::mem::take(&mut self.to),
            data,
            user: self.user.clone(),
            was_encrypted: self.is_encrypted,
            connection: self.number,
        };
        let fault = self.fault(Stage::Message);
        if !matches!(fault, Some(SmtpFault::Answer(_) | SmtpFault::Close)) {
            self.shared.mails.lock().unwrap().push(mail);
        }
        self.say_or(stream, fault, "250 2.0.0 taken").await
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn fault(&self, stage: Stage) -> Option<SmtpFault> {
        let mut faults = self.shared.faults.lock().unwrap();
        let next = faults.iter().position(|(at, _)| *at == stage);
        next.and_then(|index| faults.remove(index))
            .map(|(_, fault)| fault)
    }

    async fn step<S>(
        &self,
        stream: &mut BufReader<S>,
        stage: Stage,
        answer: &str,
    ) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.say_or(stream, self.fault(stage), answer).await
    }

    /// Answers as the fault says, else with `answer`; gives whether the conversation goes on.
    async fn say_or<S>(
        &self,
        stream: &mut BufReader<S>,
        fault: Option<SmtpFault>,
        answer: &str,
    ) -> std::io::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match fault {
            None => say(stream, answer).await,
            Some(SmtpFault::Answer(other)) => say(stream, other).await,
            Some(SmtpFault::Hang) => std::future::pending().await,
            Some(SmtpFault::Late) => {
                self.shared.late.notified().await;
                say(stream, answer).await
            }
            Some(SmtpFault::Close | SmtpFault::Lost) => Ok(false),
        }
    }
}

/// The address in angle brackets after `prefix`.
fn path(line: &str, prefix: &str) -> Option<String> {
    let (start, rest) = line.split_at_checked(prefix.len())?;
    let (address, _) = rest.trim().strip_prefix('<')?.split_once('>')?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| address.to_owned())
}

/// A line without its end; nothing at the end of the stream. A line that does not end with CR LF is none.
async fn read_line<S>(stream: &mut BufReader<S>) -> std::io::Result<Option<String>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix("\r\n");
    let line = line.ok_or_else(|| std::io::Error::other("a line must end with CR LF"))?;
    assert!(!line.contains('\r'), "a bare CR");
    Ok(Some(line.to_owned()))
}

async fn say<S>(stream: &mut BufReader<S>, answer: &str) -> std::io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let line = format!("{answer}\r\n");
    stream.get_mut().write_all(line.as_bytes()).await?;
    stream.get_mut().flush().await?;
    Ok(true)
}
