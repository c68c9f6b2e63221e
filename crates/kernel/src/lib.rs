//! Vocabulary without I/O: what every other crate agrees on.
//!
//! Never in this crate: async, I/O, SQL, GraphQL, HTTP, or a name that belongs to one subgraph
//! (only the markers of its ids, because an id must read the same everywhere).

pub mod call;
pub mod clock;
pub mod cursor;
pub mod fault;
pub mod id;
pub mod money;
pub mod named;
pub mod principal;

pub use call::{CallContext, GraphqlCall};
pub use clock::{Clock, Ids};
pub use cursor::{Cursor, CursorError, Page, PageRequest};
pub use fault::{Error, Fault, FaultKind};
pub use id::{Entity, Id, IdError};
pub use money::{Currency, Money, MoneyError};
pub use named::Named;
pub use principal::{Principal, PrincipalKind};

pub use id::markers;
pub use id::{
    AttributeId, CategoryId, DeliveryId, DeviceId, EventId, InventoryAlertId, MovementId,
    NotificationId, NotificationTemplateId, ProductId, ProductWatchId, ReindexId, ReviewId,
    SearchId, SellerId, SellerMemberId, SessionId, StockLevelId, UserId, VariantId, VerificationId,
    WarehouseId,
};
