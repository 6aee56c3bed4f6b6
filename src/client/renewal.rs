//! Tokens of somebody who signed in with Microsoft: renewed by what came with the first one, and taken of every tenant
//! that the person is in, as what is asked for needs it.

use std::rc::Rc;

use azimuth_api::{
    Address, ApiError, Cloud, ExpectedIdentity, Grant, GrantTokens, IdentityFault, Origin, PersonIdentity,
    PersonTokens, Refusal, Service,
};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::prelude::GetValue;

use crate::client::{Client, signed_out};
use crate::session::{Account, Person, TenantToken};

/// A renewal that is under way: whoever needs the same one meanwhile waits for it.
pub(super) type SharedRenewal = Shared<LocalBoxFuture<'static, Result<(), ApiError>>>;

impl Client {
    /// Renews the token.
    ///
    /// # Errors
    /// The authority's refusal ([`ApiError::wants_person`]: it has to see the person), or that it gave no answer.
    pub async fn renew(self) -> Result<(), ApiError> {
        self.renewed(None).await
    }

    /// Makes another tenant that the same person is in the one whose subscriptions are shown.
    ///
    /// # Errors
    /// As [`Client::renew`].
    pub async fn switch_tenant(self, tenant: String) -> Result<(), ApiError> {
        let (tokens, identity, account, asked) = self.ask_authority(Some(tenant)).await?;
        self.take(&tokens, &identity, account, asked);
        self.session.switched_tenant();
        Ok(())
    }

    /// Has a token of another tenant ready for whatever is in it.
    pub(super) async fn renewed_in(self, tenant: &str) -> Result<TenantToken, ApiError> {
        if self.session.token_in(tenant).is_none_or(|known| known.person.is_due(js_sys::Date::now())) {
            self.renewed(Some(tenant.to_owned())).await?;
        }
        self.session.token_in(tenant).ok_or_else(signed_out)
    }

    async fn renewed(self, tenant: Option<String>) -> Result<(), ApiError> {
        let inner = self.inner.get_value();
        let renewal = inner
            .renewals
            .borrow_mut()
            .entry(tenant.clone())
            .or_insert_with(|| {
                let inner = Rc::clone(&inner);
                async move {
                    let result = self.renew_for(tenant.clone()).await;
                    inner.renewals.borrow_mut().remove(&tenant);
                    result
                }
                .boxed_local()
                .shared()
            })
            .clone();
        renewal.await
    }

    async fn renew_for(self, tenant: Option<String>) -> Result<(), ApiError> {
        let is_other = tenant.is_some();
        let (tokens, identity, account, asked) = self.ask_authority(tenant).await?;
        if !is_other {
            self.take(&tokens, &identity, account, asked);
            return Ok(());
        }
        let person = Person::of_identity(&identity, tokens.expires_in, asked);
        self.session
            .keep_in_tenant(TenantToken { token: tokens.access_token(), person }, tokens.refresh_token());
        Ok(())
    }

    /// Asks for tokens of a tenant, the account's own if none is named. One after the other: each answer brings what the
    /// next one is asked with.
    async fn ask_authority(
        self,
        tenant: Option<String>,
    ) -> Result<(PersonTokens, PersonIdentity, Account, f64), ApiError> {
        let inner = self.inner.get_value();
        let _turn = inner.turn.lock().await;
        let Some(account) = self.session.account() else { return Err(signed_out()) };
        if account.refresh_token.is_empty() {
            return Err(nothing_renews_it());
        }
        let asked = js_sys::Date::now();
        let tenant = tenant.unwrap_or_else(|| account.tenant.clone());
        let renewal = GrantTokens {
            tenant: tenant.clone(),
            client_id: account.client_id.clone(),
            scope: self.cloud().scope(),
            grant: Grant::Refresh(account.refresh_token.clone()),
        };
        let tokens = self.ask(&renewal).await?;
        // Somebody signed out, or signed in anew, meanwhile: this answer is nobody's.
        if self.session.account().as_ref() != Some(&account) {
            return Err(signed_out());
        }
        let expected = ExpectedIdentity {
            client_id: &account.client_id,
            tenant: &tenant,
            nonce: None,
            now: seconds(asked),
        };
        let identity = tokens.identity(&expected).map_err(not_believed)?;
        Ok((tokens, identity, account, asked))
    }

    /// Takes what the authority gave. `account` has what it may leave out.
    pub(crate) fn take(self, tokens: &PersonTokens, identity: &PersonIdentity, account: Account, asked: f64) {
        let account = Account {
            tenant: identity.tid.clone(),
            refresh_token: tokens.refresh_token().unwrap_or(account.refresh_token),
            hint: identity.hint().map(str::to_owned).or(account.hint),
            ..account
        };
        let person = Person::of_identity(identity, tokens.expires_in, asked);
        self.session.sign_in(tokens.access_token(), person, Some(account));
    }
}

/// The subscription that something is in, in small letters.
pub(super) fn subscription_of(address: &Address) -> Option<String> {
    let (service, path) = match address {
        Address::Path(service, path, _) => (service, path.as_str()),
        Address::Link(service, link) => (service, link.as_str()),
        Address::Discovery(_) => return None,
    };
    match service {
        Service::SignIn => None,
        Service::Regional(workspace, _) => Some(workspace.subscription.as_str().to_ascii_lowercase()),
        Service::Management => {
            let (_, rest) = path.split_once("/subscriptions/")?;
            let id = rest.split(['/', '?']).next().unwrap_or_default();
            (!id.is_empty()).then(|| id.to_ascii_lowercase())
        }
    }
}

/// The tenant that a refusal of a host names for what was asked for. Resource Manager alone knows what tenant a subscription
/// is in; another host that names one could collect tokens of all tenants that the person is in.
pub(super) fn named_tenant<'a>(refused: &'a ApiError, host: &Origin, cloud: &Cloud) -> Option<&'a str> {
    let refusal = refused.refusal().filter(|_| *host == cloud.management())?;
    refusal.wanted_tenant()
}

/// The authority gave a token and nothing to renew it with, so that it has to be asked by the person again.
fn nothing_renews_it() -> ApiError {
    ApiError::Refused(Box::new(Refusal {
        status: 400,
        code: Some("login_required".to_owned()),
        message: "The authority gave nothing that renews this sign-in (no refresh token).".to_owned(),
        ..Refusal::default()
    }))
}

/// An answer that came, and is not to be believed.
pub(crate) fn not_believed(fault: IdentityFault) -> ApiError {
    ApiError::Unreadable { status: 200, reason: fault.to_string(), excerpt: String::new() }
}

/// Milliseconds since 1970 as whole seconds.
pub(crate) fn seconds(milliseconds: f64) -> u64 {
    (milliseconds / 1_000.0).max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use azimuth_api::{Path, Query, RegionalService, WorkspaceId};

    use super::*;

    #[test]
    fn what_is_asked_for_is_in_a_subscription_or_in_none() {
        let management =
            |path: Path| subscription_of(&Address::Path(Service::Management, path, Query::new()));
        assert_eq!(
            management(Path::new(["subscriptions", "AB-1", "resourcegroups"])).as_deref(),
            Some("ab-1")
        );
        assert_eq!(management(Path::new(["subscriptions", "ab-1"])).as_deref(), Some("ab-1"));
        assert_eq!(management(Path::new(["subscriptions"])), None);
        assert_eq!(management(Path::new(["tenants"])), None);
        let link = "https://management.azure.com/subscriptions/ab-1?$skiptoken=x";
        let link = Address::Link(Service::Management, link.to_owned());
        assert_eq!(subscription_of(&link).as_deref(), Some("ab-1"));
        let workspace =
            WorkspaceId { subscription: "AB-2".into(), resource_group: "g".into(), name: "w".into() };
        let regional = Service::Regional(workspace, RegionalService::History);
        assert_eq!(
            subscription_of(&Address::Path(regional, Path::new(["x"]), Query::new())).as_deref(),
            Some("ab-2")
        );
        assert_eq!(subscription_of(&Address::Path(Service::SignIn, Path::new(["t"]), Query::new())), None);
    }

    #[test]
    fn resource_manager_alone_is_believed_what_tenant_a_subscription_is_in() {
        let wanted = "72f988bf-0000-0000-0000-2d7cd011db47";
        let refused = ApiError::SignedOut(Box::new(Refusal {
            status: 401,
            code: Some("InvalidAuthenticationTokenTenant".to_owned()),
            tenant: Some(wanted.to_owned()),
            ..Refusal::default()
        }));
        let host = |address: &str| Origin::parse(address).expect("it is an origin");
        let named = |address: &str| named_tenant(&refused, &host(address), &Cloud::Public);
        assert_eq!(named("https://management.azure.com"), Some(wanted));
        for other in
            ["https://eastus.api.azureml.ms", "https://management.usgovcloudapi.net", "https://relay.example"]
        {
            assert_eq!(named(other), None, "{other}");
        }
        let signed_out = signed_out();
        assert_eq!(named_tenant(&signed_out, &host("https://management.azure.com"), &Cloud::Public), None);
    }
}
