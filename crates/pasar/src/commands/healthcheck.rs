//! `pasar healthcheck`: for containers, which have no curl.

use std::{net::Ipv4Addr, process::ExitCode, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Settings;

const TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

pub(crate) async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut address = settings
        .http
        .admin_listen
        .context("http.admin_listen is not set")?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let mut start = [0_u8; 12];
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(REQUEST).await?;
        stream.read_exact(&mut start).await
    };
    tokio::time::timeout(TIMEOUT, asked)
        .await
        .context("no answer in time")
        .and_then(|answer| answer.map_err(Into::into))
        .with_context(|| format!("{address} does not answer"))?;
    anyhow::ensure!(
        start == *b"HTTP/1.1 200",
        "{address} answers that it does not live"
    );
    Ok(ExitCode::SUCCESS)
}
