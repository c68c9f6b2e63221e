//! Events of others. Here they only become rows: what is known of people and products, and what is to be
//! told. Kinds that are not named are not for us.

use std::sync::Arc;

use futures_util::FutureExt as _;
use kernel::{
    Fault, InventoryAlertId, Money, ProductId, ReviewId, SellerId, UserId, VerificationId,
};
use serde::Deserialize;
use service::{Consumer, Ctx, Event, Transaction};

use crate::{
    commands::{self, announce},
    domain::{Audience, KnownProduct, Locale, News, NotificationType as Kind, VariableValue},
};

/// What this subgraph reads.
pub(crate) fn all() -> Vec<Consumer> {
    vec![
        Consumer {
            name: "notifications.accounts",
            topics: &["identity.user", "identity.verification"],
            handle: Arc::new(|ctx, tx, event| on_account(ctx, tx, event).boxed()),
        },
        Consumer {
            name: "notifications.products",
            topics: &["catalog.product"],
            handle: Arc::new(|ctx, tx, event| on_product(ctx, tx, event).boxed()),
        },
        Consumer {
            name: "notifications.stock",
            topics: &["inventory.stock_level"],
            handle: Arc::new(|ctx, tx, event| on_stock(ctx, tx, event).boxed()),
        },
        Consumer {
            name: "notifications.reviews",
            topics: &["reviews.review"],
            handle: Arc::new(|ctx, tx, event| on_review(ctx, tx, event).boxed()),
        },
        Consumer {
            name: "notifications.shops",
            topics: &["sellers.seller"],
            handle: Arc::new(|ctx, tx, event| on_shop(ctx, tx, event).boxed()),
        },
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    user_id: UserId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    user_id: UserId,
    locale: Locale,
    has_marketing_consent: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    user_id: UserId,
    verification_id: VerificationId,
    purpose: String,
}

async fn on_account(ctx: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    let yes = || VariableValue::Text("yes".to_owned());
    let news = |kind, key: String| News::new(kind, key, event.event_time);
    let event_id = || event.event_id.to_string();
    let (user_id, news) = match event.event_type.as_str() {
        "user.registered" => (owner(event)?, news(Kind::Welcome, "account".to_owned())),
        "user.verification_requested" => {
            let asked: Verification = event.read()?;
            let kind = match asked.purpose.as_str() {
                "EMAIL_VERIFICATION" => Kind::VerifyEmail,
                "PHONE_VERIFICATION" => Kind::VerifyPhone,
                "PASSWORD_RESET" => Kind::PasswordReset,
                _ => return Ok(()),
            };
            (asked.user_id, news(kind, asked.verification_id.to_string()))
        }
        "user.password_changed" | "user.password_reset" => {
            let news = news(Kind::SecurityAlert, event_id())
                .with("password_changed", yes())
                .with("occurred_at", VariableValue::Time(event.event_time));
            (owner(event)?, news)
        }
        "user.deletion_requested" | "user.deletion_cancelled" => {
            let name = event.event_type.replace("user.", "");
            let news = news(Kind::AccountChanged, event_id()).with(&name, yes());
            (owner(event)?, news)
        }
        "user.profile_updated" => {
            let profile: Profile = event.read()?;
            let said = (profile.locale, profile.has_marketing_consent);
            return commands::follow_profile(ctx, tx, profile.user_id, event.version, said).await;
        }
        "user.disabled" | "user.enabled" => {
            let is_closed = event.event_type == "user.disabled";
            let id = owner(event)?;
            return commands::follow_closing(ctx, tx, id, event.version, is_closed).await;
        }
        "user.deleted" => return commands::erase_person(ctx, tx, owner(event)?).await,
        _ => return Ok(()),
    };
    announce(ctx, tx, event, Audience::User(user_id), news).await
}

/// Whose account the event is about.
fn owner(event: &Event) -> Result<UserId, Fault> {
    let account: Account = event.read()?;
    Ok(account.user_id)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    product_id: ProductId,
    seller_id: SellerId,
    name: String,
    status: String,
    min_price: Money,
    #[serde(default)]
    changes: Vec<PriceChange>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PriceChange {
    old_price: Money,
}

async fn on_product(ctx: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    if !event.event_type.starts_with("product.") {
        return Ok(());
    }
    let said: Product = event.read()?;
    let old_prices = said.changes.iter().map(|change| change.old_price);
    let old_price = old_prices.min_by_key(|price| price.minor_units());
    let product = KnownProduct {
        product_id: said.product_id,
        seller_id: said.seller_id,
        name: said.name,
        status: said.status,
        min_price: said.min_price,
        version: event.version,
    };
    if event.event_type == "product.deleted" {
        return commands::forget_product(tx, product).await;
    }
    commands::follow_product(ctx, tx, event, product, old_price).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stock {
    seller_id: SellerId,
    product_id: ProductId,
    quantity: i64,
    #[serde(default)]
    alert_id: Option<InventoryAlertId>,
}

async fn on_stock(ctx: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    let kind = match event.event_type.as_str() {
        "inventory.restocked" => Kind::BackInStock,
        "inventory.low_stock" => Kind::LowStock,
        "inventory.out_of_stock" => Kind::OutOfStock,
        _ => return Ok(()),
    };
    let stock: Stock = event.read()?;
    // An alert is told once, however often its event comes.
    let alert = stock.alert_id.map(|id| id.to_string());
    let (audience, key) = match kind {
        Kind::BackInStock => (Audience::Watchers(stock.product_id), None),
        _ => (Audience::Shop(stock.seller_id), alert),
    };
    let key = key.unwrap_or_else(|| event.event_id.to_string());
    let mut news = News::new(kind, key, event.event_time)
        .with("quantity", VariableValue::Count(stock.quantity));
    news.product_id = Some(stock.product_id);
    announce(ctx, tx, event, audience, news).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    review_id: ReviewId,
    product_id: ProductId,
    seller_id: SellerId,
    author_id: UserId,
    rating: i64,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

async fn on_review(ctx: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    let kind = match event.event_type.as_str() {
        "review.created" | "review.approved" => Kind::ReviewPosted,
        "review.responded" => Kind::ReviewAnswered,
        "review.rejected" => Kind::ReviewRejected,
        _ => return Ok(()),
    };
    let review: Review = event.read()?;
    // A review that is held back is posted when it is approved.
    if kind != Kind::ReviewRejected && review.status != "PUBLISHED" {
        return Ok(());
    }
    let author = Audience::User(review.author_id);
    // An answer that is changed is told once, a refusal each time.
    let (audience, key) = match kind {
        Kind::ReviewPosted => (
            Audience::Shop(review.seller_id),
            review.review_id.to_string(),
        ),
        Kind::ReviewAnswered => (author, review.review_id.to_string()),
        _ => (author, event.event_id.to_string()),
    };
    let mut news =
        News::new(kind, key, event.event_time).with("rating", VariableValue::Count(review.rating));
    if let Some(reason) = review.reason {
        news = news.with("reason", VariableValue::Text(reason));
    }
    news.product_id = Some(review.product_id);
    news.seller_id = Some(review.seller_id);
    news.review_id = Some(review.review_id);
    announce(ctx, tx, event, audience, news).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shop {
    seller_id: SellerId,
    #[serde(default)]
    reason: Option<String>,
}

async fn on_shop(ctx: &Ctx, tx: &mut Transaction, event: &Event) -> Result<(), Fault> {
    let kind = match event.event_type.as_str() {
        "seller.verified" => Kind::ShopVerified,
        "seller.rejected" => Kind::ShopRejected,
        "seller.suspended" => Kind::ShopSuspended,
        _ => return Ok(()),
    };
    let shop: Shop = event.read()?;
    let mut news = News::new(kind, event.event_id.to_string(), event.event_time);
    if let Some(reason) = shop.reason {
        news = news.with("reason", VariableValue::Text(reason));
    }
    announce(ctx, tx, event, Audience::Shop(shop.seller_id), news).await
}
