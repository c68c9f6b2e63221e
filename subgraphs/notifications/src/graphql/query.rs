//! Root query fields.

use async_graphql::{Context, InputObject, Object, Result};
use gql::{Connection, GlobalId, connection, page_request};
use kernel::markers;

use super::{
    admin::{DeliveryNode, LetterNode, NotificationPreview, TemplateNode},
    mutation::{NotificationTemplateKeyInput, NotificationWordingInput},
    types::{ChannelValue, StatusValue, TypeValue},
};
use crate::queries::{self, DeliveryFilter};

/// Which deliveries to list; what is left out does not matter.
#[derive(InputObject, Default)]
struct NotificationDeliveryWhere {
    /// Only to this person.
    user_id: Option<GlobalId<markers::User>>,
    /// Only of this type.
    r#type: Option<TypeValue>,
    /// Only over this channel.
    channel: Option<ChannelValue>,
    /// Only those that stand like this.
    status: Option<StatusValue>,
}

#[derive(Default)]
pub(crate) struct NotificationQuery;

#[Object]
impl NotificationQuery {
    /// The log of deliveries, the newest first. `first` is at most 100, 20 without it. Needs the permission
    /// `manage:notifications`.
    async fn notification_deliveries(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        r#where: Option<NotificationDeliveryWhere>,
    ) -> Result<Option<Connection<DeliveryNode>>> {
        let page = page_request(first, after)?;
        let wanted = r#where.unwrap_or_default();
        let filter = DeliveryFilter {
            user_id: wanted.user_id.map(|id| id.0),
            kind: wanted.r#type.map(Into::into),
            channel: wanted.channel.map(Into::into),
            status: wanted.status.map(Into::into),
        };
        let list = queries::list_deliveries(ctx.data()?, &filter, &page).await;
        Ok(Some(connection(list.map_err(gql::fault)?, DeliveryNode)))
    }

    /// Messages of channels that have no provider, the newest first, for a week. `first` is at most 100, 20
    /// without it. Needs the permission `manage:notifications`.
    async fn notification_mailbox(
        &self,
        ctx: &Context<'_>,
        first: Option<i32>,
        after: Option<String>,
        #[graphql(desc = "Only for this person.")] user_id: Option<GlobalId<markers::User>>,
        #[graphql(desc = "Only of this channel.")] channel: Option<ChannelValue>,
    ) -> Result<Option<Connection<LetterNode>>> {
        let page = page_request(first, after)?;
        let (user_id, channel) = (user_id.map(|id| id.0), channel.map(Into::into));
        let list = queries::list_letters(ctx.data()?, user_id, channel, &page).await;
        Ok(Some(connection(
            list.map_err(gql::fault)?,
            LetterNode::from,
        )))
    }

    /// The wordings in force: of one type, or of all (about 200). Needs the permission
    /// `manage:notifications`.
    async fn notification_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only of this type.")] r#type: Option<TypeValue>,
    ) -> Result<Option<Vec<TemplateNode>>> {
        let list = queries::list_templates(ctx.data()?, r#type.map(Into::into)).await;
        let list = list.map_err(gql::fault)?;
        Ok(Some(list.into_iter().map(TemplateNode).collect()))
    }

    /// What a wording looks like with samples of its values. One that breaks a rule is `BAD_USER_INPUT`. Needs
    /// the permission `manage:notifications`.
    async fn notification_template_preview(
        &self,
        ctx: &Context<'_>,
        key: NotificationTemplateKeyInput,
        wording: NotificationWordingInput,
    ) -> Result<Option<NotificationPreview>> {
        let (kind, channel, locale) = key.into();
        let preview = queries::preview(ctx.data()?, kind, channel, locale, &wording.into());
        let preview = preview.map_err(super::refused)?;
        Ok(Some(preview.into()))
    }
}
