//! The tokens of letters and the codes of SMS. They are not stored: each is derived from the id of its
//! verification with a key of the server, so that whoever reads the database cannot use them, and the message
//! can be written again after a failure.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use kernel::{Id, Named as _, VerificationId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::domain::Purpose;

const ID_BYTES: usize = 16;

/// Makes and checks the tokens of letters.
pub(crate) struct LetterTokens {
    key: [u8; 32],
}

impl LetterTokens {
    /// From the bytes of the signing key; a token ends when that key is replaced.
    pub(crate) fn new(signing_key: &[u8]) -> Self {
        let digest = Sha256::new_with_prefix(b"pasar tokens of letters").chain_update(signing_key);
        Self {
            key: digest.finalize().into(),
        }
    }

    /// What the letter says.
    pub(crate) fn token(&self, id: VerificationId, purpose: Purpose) -> String {
        let mut bytes = id.uuid().as_bytes().to_vec();
        bytes.extend_from_slice(&self.mac(id, purpose).finalize().into_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the SMS says: six digits.
    pub(crate) fn code(&self, id: VerificationId) -> String {
        let mac = self.mac(id, Purpose::PhoneVerification).finalize();
        let number = mac
            .into_bytes()
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{:06}", number % 1_000_000)
    }

    /// The verification that a token is of; `None` when it is none of ours or for another purpose.
    pub(crate) fn open(&self, token: &str, purpose: Purpose) -> Option<VerificationId> {
        let bytes = URL_SAFE_NO_PAD.decode(token.trim()).ok()?;
        let (id, mac) = bytes.split_at_checked(ID_BYTES)?;
        let id = Id::from_uuid(Uuid::from_slice(id).ok()?);
        self.mac(id, purpose).verify_slice(mac).ok()?;
        Some(id)
    }

    fn mac(&self, id: VerificationId, purpose: Purpose) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length of key will do");
        mac.update(purpose.name().as_bytes());
        mac.update(b"\0");
        mac.update(id.uuid().as_bytes());
        mac
    }
}
