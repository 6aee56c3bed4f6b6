//! Asks operations: finds their host, sends them with the token, and reads what comes back.

pub(crate) mod renewal;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use azimuth_api::{
    Address, ApiError, Body, Cloud, Credential, Discovery, GetArtifactContent, GetDiscovery, GetDiscoveryUrl,
    HostHeader, NoAnswer, Operation, Origin, Path, Query, RegionalService, ScoringKey, Secret, Service,
    SignedAddress, SubscriptionId, TokenEndpoint, Upload, WebAddress, WorkspaceId,
};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use futures::lock::Mutex;
use http::{Method, Response};
use leptos::prelude::*;

use crate::client::renewal::{SharedRenewal, named_tenant, subscription_of};
use crate::pace::Pace;
use crate::parts::{self, Answering};
use crate::request_log::RequestLog;
use crate::session::{Person, ServicePrincipal, Session, SessionKind};
use crate::transport::{
    ByteRange, DataOrigins, Outgoing, Payload, Progress, Reach, ScoringObstacle, Transport, untrusted,
};

/// What an operation asks: everything but how its answer is read.
#[derive(Clone, PartialEq)]
pub struct Question {
    method: Method,
    address: Address,
    body: Body,
    host_header: Option<HostHeader>,
    credential: Credential,
    range: Option<ByteRange>,
    is_read: bool,
    is_once: bool,
}

impl Question {
    /// Of an operation.
    pub fn of<O: Operation>(operation: &O) -> Self {
        Self {
            method: operation.method(),
            address: operation.address(),
            body: operation.body(),
            host_header: operation.host_header(),
            credential: operation.credential(),
            range: None,
            is_read: operation.is_read(),
            is_once: false,
        }
    }

    /// The same, sent once whatever comes of it: in the form in which the service answered last, with the token that is
    /// there now. Whoever keeps account of each request that goes out asks like this, and reads what it is about before.
    pub fn once(self) -> Self {
        Self { is_once: true, ..self }
    }

    /// Whether it is about a workspace, or about the subscription and no workspace, or another list that holds it.
    pub fn is_about(&self, subscription: &SubscriptionId, workspace: Option<&WorkspaceId>) -> bool {
        let (service, path) = match &self.address {
            Address::Path(service, path, _) => (service, path.as_str()),
            Address::Link(service, link) => (service, link.as_str()),
            Address::Discovery(_) => return false,
        };
        match (service, workspace) {
            (Service::SignIn, _) => false,
            (Service::Regional(asked, _), Some(workspace)) => asked == workspace,
            (Service::Regional(asked, _), None) => asked.subscription == *subscription,
            (Service::Management, workspace) => {
                let path = path.to_ascii_lowercase();
                let encoded = |name: &str| Path::new([name]).as_str().to_ascii_lowercase();
                let is_in = path.starts_with(&format!("/subscriptions{}", encoded(subscription.as_str())))
                    || matches!(self.address, Address::Link(..));
                let named = path.split_once("/workspaces").map(|(_, rest)| rest).unwrap_or_default();
                let named =
                    &named[..named[1.min(named.len())..].find(['/', '?']).map_or(named.len(), |end| end + 1)];
                let is_other = workspace.is_some_and(|workspace| {
                    named.starts_with('/') && named != encoded(workspace.name.as_str())
                });
                is_in && !is_other
            }
        }
    }
}

/// What was asked, beside its answer, for whoever keeps a list.
#[derive(Clone, Debug)]
pub struct AskedAt {
    /// The method.
    pub method: Method,
    /// Where, as Azure's own address.
    pub address: WebAddress,
    /// What was sent.
    pub body: Option<String>,
}

/// Asks the service, or the simulator: a page cannot tell. A handle: copies are the same client.
#[derive(Clone, Copy)]
pub struct Client {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    session: Session,
    log: RequestLog,
}

struct Inner {
    cloud: Cloud,
    transport: Transport,
    /// Discovery documents, asked for once, for as long as the page lives; they hardly ever change.
    discoveries: RefCell<HashMap<WorkspaceId, SharedDiscovery>>,
    /// Services that want to be asked the older way.
    older_forms: RefCell<HashSet<(Origin, Service)>>,
    /// The renewals that are under way, by tenant; none for that of the account.
    renewals: RefCell<HashMap<Option<String>, SharedRenewal>>,
    /// Whose turn it is to ask the authority.
    turn: Mutex<()>,
}

type SharedDiscovery = Shared<LocalBoxFuture<'static, Result<Discovery, ApiError>>>;

impl Client {
    /// A client of a session.
    pub fn new(transport: Transport, cloud: Cloud, session: Session, log: RequestLog) -> Self {
        let inner = Inner {
            cloud,
            transport,
            discoveries: RefCell::default(),
            older_forms: RefCell::default(),
            renewals: RefCell::default(),
            turn: Mutex::default(),
        };
        Self { inner: StoredValue::new_local(Rc::new(inner)), session, log }
    }

    /// The session whose token goes along.
    pub fn session(self) -> Session {
        self.session
    }

    /// What was asked.
    pub fn log(self) -> RequestLog {
        self.log
    }

    /// How fast it asks.
    pub fn pace(self) -> Pace {
        self.inner.with_value(|inner| inner.transport.pace())
    }

    /// What is known of how this page gets to hosts.
    pub fn reaches(self) -> Signal<BTreeMap<Origin, Reach>> {
        self.inner.with_value(|inner| inner.transport.reaches())
    }

    /// Finds out how this page gets to a host. No token goes along.
    pub async fn examine(self, origin: Origin) -> Reach {
        let inner = self.inner.get_value();
        inner.transport.examine(&origin).await
    }

    /// The regional hosts that workspaces named so far.
    pub fn regional_hosts(self) -> Vec<Origin> {
        let discoveries = self.inner.with_value(|inner| inner.discoveries.borrow().clone());
        let found = discoveries.values().filter_map(|shared| shared.peek()?.as_ref().ok());
        let services = [
            RegionalService::History,
            RegionalService::ModelManagement,
            RegionalService::SharedModelManagement,
            RegionalService::Pipelines,
        ];
        let mut hosts: Vec<Origin> = found
            .flat_map(|discovery| services.iter().filter_map(|service| discovery.base(*service)))
            .filter_map(|base| Some(WebAddress::parse(base)?.origin().clone()))
            .collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    /// Which Azure this is.
    pub fn cloud(self) -> Cloud {
        self.inner.with_value(|inner| inner.cloud.clone())
    }

    /// Asks an operation. A 401 opens sign-in and the question waits for it: nothing was done, so it may be asked again.
    ///
    /// # Errors
    /// Whatever the service or the way there says; a 401 only when signing in was declined.
    pub async fn ask<O: Operation>(self, operation: &O) -> Result<O::Output, ApiError> {
        let older = operation.otherwise().map(|older| Question::of(&older));
        let response = self.answer(Question::of(operation), older).await?;
        operation.read(&response)
    }

    /// Which origins may be read by a signed address.
    pub fn data_origins(self) -> DataOrigins {
        self.inner.with_value(|inner| inner.transport.data_origins().clone())
    }

    /// Reads some bytes of a blob, whose address opens it. A refusal is an answer.
    ///
    /// # Errors
    /// As [`Transport::read_signed`].
    pub async fn read_signed(
        self,
        address: &SignedAddress,
        range: ByteRange,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let inner = self.inner.get_value();
        inner.transport.read_signed(address, range).await
    }

    /// Asks a service that answers with a model, or for its description where there is no question. A refusal is an
    /// answer.
    ///
    /// # Errors
    /// As [`Transport::score`].
    pub async fn score(
        self,
        address: &WebAddress,
        key: Option<&ScoringKey>,
        question: Option<String>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let inner = self.inner.get_value();
        inner.transport.score(address, key, question).await
    }

    /// Why this page may not ask a service at an address; nothing where it may.
    pub fn scoring_obstacle(self, address: &WebAddress) -> Option<ScoringObstacle> {
        self.inner.with_value(|inner| inner.transport.scoring_obstacle(address))
    }

    /// Where the relay takes questions for a service, if there is one.
    pub fn relayed(self, service: &str) -> Option<WebAddress> {
        self.inner.with_value(|inner| inner.transport.relayed(service))
    }

    /// Reads some bytes of a file from the service itself, which may give all of them instead. A refusal is an answer.
    ///
    /// # Errors
    /// As [`Client::ask`], where no answer came.
    pub async fn read_content(
        self,
        content: &GetArtifactContent,
        range: ByteRange,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let question = |content: &GetArtifactContent| Question {
            // The whole of a file needs no header that a service might not expect.
            range: Some(range).filter(|range| *range != ByteRange { from: 0, to: None }),
            ..Question::of(content)
        };
        let older = content.otherwise().map(|older| question(&older));
        self.answer(question(content), older).await
    }

    /// The answer to a question, whatever its status. What does not depend on the operation is here, once.
    pub fn answer(self, question: Question, older: Option<Question>) -> Answering {
        Box::pin(async move {
            match parts::answer(self, question, older).await {
                Ok(answering) => answering.await,
                // The code that asks did not arrive, so this page's own site does not answer.
                Err(_) => Err(ApiError::Unreachable(NoAnswer::NoNetwork)),
            }
        })
    }

    /// The answer to a question, asked by code that is there.
    pub(crate) fn answer_now(self, question: Question, older: Option<Question>) -> Answering {
        Box::pin(async move {
            let inner = self.inner.get_value();
            let Some(older) = older else { return self.answer_to(&inner, question).await };
            let Some(service) = question.address.service().cloned() else {
                return self.answer_to(&inner, question).await;
            };
            let origin = match self.base(&inner, &service).await {
                Ok(base) => base.origin().clone(),
                // The workspace names no host for this form.
                Err(ApiError::Untrusted { .. }) => return self.answer_to(&inner, older).await,
                Err(error) => return Err(error),
            };
            let form = (origin, service);
            if inner.older_forms.borrow().contains(&form) {
                return self.answer_to(&inner, older).await;
            }
            if question.is_once {
                return self.answer_to(&inner, question).await;
            }
            let is_unknown = |response: &Response<_>| matches!(response.status().as_u16(), 404 | 405);
            let response = self.answer_to(&inner, question).await?;
            if !is_unknown(&response) {
                return Ok(response);
            }
            match self.answer_to(&inner, older).await {
                Ok(other) if !is_unknown(&other) => {
                    if other.status().is_success() {
                        inner.older_forms.borrow_mut().insert(form);
                    }
                    Ok(other)
                }
                // It is not there in either form.
                _ => Ok(response),
            }
        })
    }

    async fn answer_to(self, inner: &Inner, question: Question) -> Result<Response<Vec<u8>>, ApiError> {
        let address = self.resolve(inner, question.address.clone()).await?;
        self.answer_at(inner, question, address).await
    }

    async fn answer_at(
        self,
        inner: &Inner,
        question: Question,
        address: WebAddress,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let (credential, is_once) = (question.credential, question.is_once);
        let subscription = subscription_of(&question.address);
        let outgoing = self.outgoing(inner, question, address).await?;
        let mut answer = match is_once {
            true => self.send_once(inner, &outgoing, subscription).await,
            false => self.exchange(inner, &outgoing, credential, subscription, None).await,
        };
        if let Ok(response) = &mut answer {
            response.extensions_mut().insert(asked_at(outgoing, credential));
        }
        answer
    }

    /// What a question asks and where, as it stands beside an answer: for whoever keeps a list, of what got none. None
    /// where its host is not known.
    pub async fn asked_at(self, question: Question, older: Option<Question>) -> Option<AskedAt> {
        let inner = self.inner.get_value();
        let mut question = question;
        let mut address = self.resolve(&inner, question.address.clone()).await.ok()?;
        if let (Some(older), Some(service)) = (older, question.address.service().cloned())
            && inner.older_forms.borrow().contains(&(address.origin().clone(), service))
        {
            address = self.resolve(&inner, older.address.clone()).await.ok()?;
            question = older;
        }
        let credential = question.credential;
        let outgoing = self.outgoing(&inner, question, address).await.ok()?;
        Some(asked_at(outgoing, credential))
    }

    /// A question as it would be sent, with all secrets masked.
    ///
    /// # Errors
    /// Where its host is not known.
    pub async fn as_curl(self, question: Question) -> Result<String, ApiError> {
        let inner = self.inner.get_value();
        let address = self.resolve(&inner, question.address.clone()).await?;
        let outgoing = self.outgoing(&inner, question, address).await?;
        inner.transport.as_curl(&outgoing).await
    }

    async fn outgoing(
        self,
        inner: &Inner,
        question: Question,
        address: WebAddress,
    ) -> Result<Outgoing, ApiError> {
        let (content_type, payload) = match question.body {
            Body::Empty | Body::Parts => (None, Payload::Empty),
            Body::Json(value) => (Some("application/json"), Payload::Text(value.to_string())),
            Body::JsonPatch(steps) => {
                let steps = serde_json::Value::Array(steps);
                (Some("application/json-patch+json"), Payload::Text(steps.to_string()))
            }
            Body::Form(form) => (Some("application/x-www-form-urlencoded"), Payload::Text(form.encoded())),
        };
        let host_header = match question.host_header {
            Some(header) => {
                let base = self.base(inner, &header.service).await?;
                // Whoever is told of a host may go there with what it was given.
                if !inner.cloud.may_carry_token(&base) {
                    return Err(untrusted(&base, "a token may not be sent to its host"));
                }
                Some((header.name, base.to_string().trim_end_matches('/').to_owned()))
            }
            None => None,
        };
        Ok(Outgoing {
            method: question.method,
            address,
            host_header,
            content_type,
            payload,
            range: question.range,
            is_read: question.is_read,
        })
    }

    /// Sends an operation that carries files, telling how many bytes of how many went out.
    ///
    /// # Errors
    /// As [`Client::ask`]. It is never sent again by itself when no answer came.
    pub async fn upload<O>(self, operation: &O, progress: Progress) -> Result<O::Output, ApiError>
    where
        O: Upload<File = web_sys::File>,
    {
        let inner = self.inner.get_value();
        let outgoing = self.outgoing_form(&inner, operation).await?;
        let response = self
            .exchange(
                &inner,
                &outgoing,
                operation.credential(),
                subscription_of(&operation.address()),
                Some(progress),
            )
            .await?;
        operation.read(&response)
    }

    /// What an upload will send, as a command.
    ///
    /// # Errors
    /// Where its host is not known.
    pub async fn upload_as_curl<O>(self, operation: &O) -> Result<String, ApiError>
    where
        O: Upload<File = web_sys::File>,
    {
        let inner = self.inner.get_value();
        let outgoing = self.outgoing_form(&inner, operation).await?;
        inner.transport.as_curl(&outgoing).await
    }

    async fn outgoing_form<O>(self, inner: &Inner, operation: &O) -> Result<Outgoing, ApiError>
    where
        O: Upload<File = web_sys::File>,
    {
        let address = self.resolve(inner, operation.address()).await?;
        Ok(Outgoing {
            method: operation.method(),
            address,
            host_header: None,
            content_type: None,
            payload: Payload::Form(operation.parts()),
            range: None,
            is_read: false,
        })
    }

    /// Signs in a service principal: the v1 endpoint first, the v2 endpoint where there is no v1.
    ///
    /// # Errors
    /// The refusal of the endpoint that was asked last.
    pub async fn sign_in(self, principal: &ServicePrincipal) -> Result<(), ApiError> {
        let cloud = self.cloud();
        let reply = match self.ask(&principal.request(&cloud, TokenEndpoint::V1)).await {
            Err(error) if is_worth_trying_v2(&error) => {
                self.ask(&principal.request(&cloud, TokenEndpoint::V2)).await?
            }
            reply => reply?,
        };
        let person = Person::of_reply(principal, &reply, js_sys::Date::now());
        self.session.sign_in(reply.access_token(), person, None);
        Ok(())
    }

    /// Signs in to the demo, whose service principal is known.
    ///
    /// # Errors
    /// None that a simulator gives; the caller shows whatever comes.
    pub async fn sign_in_to_demo(self) -> Result<(), ApiError> {
        // No secret: it is in the documentation, and opens a world that is made anew in every page.
        let principal = ServicePrincipal {
            tenant: "contoso".to_owned(),
            client_id: "azimuth".to_owned(),
            client_secret: Secret::new("demo-secret-~+/="),
        };
        self.sign_in(&principal).await
    }

    /// Sends with the token that is there, of the tenant that what is asked about is in. A 401 is an answer: whoever
    /// signs in next may be somebody else.
    async fn send_once(
        self,
        inner: &Inner,
        outgoing: &Outgoing,
        subscription: Option<String>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let session = self.session;
        let elsewhere = subscription.and_then(|subscription| session.other_tenant_of(&subscription));
        let token = match elsewhere {
            Some(tenant) => session.token_in(&tenant).map(|known| known.token),
            None => session.token(),
        };
        inner.transport.send(outgoing, Some(&token.ok_or_else(signed_out)?), None).await
    }

    /// Sends and, on a 401 to a token, waits for another one and sends again. What is in a subscription of another
    /// tenant gets a token of that tenant.
    async fn exchange(
        self,
        inner: &Inner,
        outgoing: &Outgoing,
        credential: Credential,
        subscription: Option<String>,
        progress: Option<Progress>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        match credential {
            _ if self.session.kind() == SessionKind::Export => {
                return inner.transport.send(outgoing, None, progress).await;
            }
            Credential::None => return inner.transport.send(outgoing, None, progress).await,
            Credential::ClientSecret => return inner.transport.send_secret(outgoing).await,
            Credential::Token => {}
        }
        let session = self.session;
        let mut refusals = 0;
        let mut is_renewed = false;
        let mut is_sent_elsewhere = false;
        loop {
            let sign_ins = session.sign_ins();
            let Some(token) = session.token() else {
                self.signed_in_after(sign_ins, signed_out()).await?;
                continue;
            };
            // A token that has run out is renewed and not tried.
            if !is_renewed && session.is_renewable() && session.is_expired(js_sys::Date::now()) {
                is_renewed = true;
                self.renewed_after(sign_ins).await?;
                continue;
            }
            let elsewhere =
                subscription.as_deref().and_then(|subscription| session.other_tenant_of(subscription));
            let token = match &elsewhere {
                Some(tenant) => Box::pin(self.renewed_in(tenant)).await?.token,
                None => token,
            };
            let result = inner.transport.send(outgoing, Some(&token), progress.clone()).await;
            let refused = match &result {
                Ok(response) if response.status() == 401 => ApiError::refused(response),
                // An answer of 401 without CORS headers reaches a page as no answer at all. A change may have
                // arrived all the same, so it is not sent again here.
                Err(ApiError::Unreachable(_))
                    if outgoing.is_read && session.is_expired(js_sys::Date::now()) =>
                {
                    signed_out()
                }
                _ => return result,
            };
            refusals += 1;
            // Nobody types anything in the demo, so a service that refuses a new token too would be asked for ever.
            if session.is_demo() && refusals > 1 {
                return result;
            }
            if session.is_renewable() {
                let refusal = refused.refusal();
                // Of another tenant: the same person may be in that one too, and the authority knows.
                let wanted = named_tenant(&refused, outgoing.address.origin(), &inner.cloud);
                if let (Some(tenant), Some(subscription), false) = (wanted, &subscription, is_sent_elsewhere)
                {
                    is_sent_elsewhere = true;
                    if Box::pin(self.renewed_in(tenant)).await.is_err() {
                        return result;
                    }
                    session.learn_tenant(subscription, tenant);
                    continue;
                }
                // Where that did not help, or another proof is wanted, the page that asked offers what does: there one
                // sees what it is for.
                if refusal.is_some_and(|refusal| {
                    refusal.wants_stronger_sign_in() || refusal.wanted_tenant().is_some()
                }) {
                    return result;
                }
                if !is_renewed {
                    is_renewed = true;
                    match &elsewhere {
                        Some(tenant) => session.forget_in_tenant(tenant),
                        None => self.renewed_after(sign_ins).await?,
                    }
                    continue;
                }
            }
            self.signed_in_after(sign_ins, refused).await?;
        }
    }

    /// Renews, unless that was done after so many sign-ins; waits for the person where the authority wants that.
    async fn renewed_after(self, sign_ins: u32) -> Result<(), ApiError> {
        if self.session.sign_ins() != sign_ins {
            return Ok(());
        }
        match Box::pin(self.renew()).await {
            Err(error) if error.wants_person() => self.signed_in_after(sign_ins, error).await,
            result => result,
        }
    }

    /// Waits until somebody signed in after so many sign-ins.
    async fn signed_in_after(self, sign_ins: u32, why: ApiError) -> Result<(), ApiError> {
        if self.session.sign_ins() != sign_ins {
            return Ok(());
        }
        if self.session.is_demo() {
            return Box::pin(self.sign_in_to_demo()).await;
        }
        if self.session.signed_in_again(why.clone()).await { Ok(()) } else { Err(why) }
    }

    /// The address of an operation, checked.
    async fn resolve(self, inner: &Inner, address: Address) -> Result<WebAddress, ApiError> {
        match address {
            Address::Path(service, path, query) => {
                let base = self.base(inner, &service).await?;
                Ok(with_path(&base, &path, &query))
            }
            Address::Link(service, link) => {
                let base = self.base(inner, &service).await?;
                same_origin(&link, base.origin())
            }
            Address::Discovery(link) => {
                let address = parsed(&link)?;
                if inner.cloud.may_be_asked(&address) {
                    return Ok(address);
                }
                Err(untrusted(
                    &address,
                    "a discovery address must be one of Azure Machine Learning's own hosts",
                ))
            }
        }
    }

    async fn base(self, inner: &Inner, service: &Service) -> Result<WebAddress, ApiError> {
        match service {
            Service::SignIn => Ok(WebAddress::of(&inner.cloud.login(), "")),
            Service::Management => Ok(WebAddress::of(&inner.cloud.management(), "")),
            Service::Regional(workspace, service) => {
                let discovery = Box::pin(self.discovery(inner, workspace)).await?;
                regional_base(&discovery, *service)
            }
        }
    }

    /// The discovery document of a workspace. Who asks while it is under way waits for the same answer.
    async fn discovery(self, inner: &Inner, workspace: &WorkspaceId) -> Result<Discovery, ApiError> {
        let shared = inner
            .discoveries
            .borrow_mut()
            .entry(workspace.clone())
            .or_insert_with(|| {
                let workspace = workspace.clone();
                async move { self.discover(workspace).await }.boxed_local().shared()
            })
            .clone();
        let result = shared.await;
        if result.is_err() {
            inner.discoveries.borrow_mut().remove(workspace);
        }
        result
    }

    async fn discover(self, workspace: WorkspaceId) -> Result<Discovery, ApiError> {
        let found = self.ask(&GetDiscoveryUrl { workspace }).await?;
        self.ask(&GetDiscovery { discovery_url: found.properties.discovery_url.unwrap_or_default() }).await
    }
}

fn is_worth_trying_v2(error: &ApiError) -> bool {
    error.refusal().is_some_and(|refusal| {
        azimuth_api::RequestToken::is_worth_trying_v2(refusal.status, refusal.code.as_deref())
    })
}

fn signed_out() -> ApiError {
    ApiError::SignedOut(Box::new(azimuth_api::Refusal {
        status: 401,
        message: "The sign-in has run out.".to_owned(),
        ..azimuth_api::Refusal::default()
    }))
}

fn regional_base(discovery: &Discovery, service: RegionalService) -> Result<WebAddress, ApiError> {
    let Some(base) = discovery.base(service) else {
        return Err(ApiError::Untrusted {
            address: format!("{service:?}"),
            rule: "the discovery document of this workspace does not name this service".to_owned(),
        });
    };
    parsed(base)
}

fn with_path(base: &WebAddress, path: &Path, query: &Query) -> WebAddress {
    let mark = if query.is_empty() { "" } else { "?" };
    let prefix = base.target().trim_end_matches('/');
    WebAddress::of(base.origin(), &format!("{prefix}{}{mark}{}", path.as_str(), query.encoded()))
}

fn same_origin(link: &str, origin: &Origin) -> Result<WebAddress, ApiError> {
    let address = parsed(link)?;
    if address.origin() == origin {
        return Ok(address);
    }
    Err(untrusted(&address, &format!("the way on to the next page must stay at {origin}")))
}

fn parsed(address: &str) -> Result<WebAddress, ApiError> {
    WebAddress::parse(address).ok_or_else(|| ApiError::Untrusted {
        address: address.split('?').next().unwrap_or_default().chars().take(200).collect(),
        rule: "it is not a plain http or https address".to_owned(),
    })
}

fn asked_at(outgoing: Outgoing, credential: Credential) -> AskedAt {
    let body = match outgoing.payload {
        Payload::Text(text) if matches!(credential, Credential::Token) => Some(text),
        _ => None,
    };
    AskedAt { method: outgoing.method, address: outgoing.address, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_link_keeps_its_origin() {
        let origin = Origin::parse("https://management.azure.com").unwrap();
        assert!(same_origin("https://management.azure.com/x?$skiptoken=1", &origin).is_ok());
        for foreign in [
            "https://evil.tld/x",
            "https://eastus.api.azureml.ms/x",
            "http://management.azure.com/x",
            "/x",
            "",
        ] {
            assert!(matches!(same_origin(foreign, &origin), Err(ApiError::Untrusted { .. })), "{foreign}");
        }
    }

    #[test]
    fn a_base_may_have_a_path_of_its_own() {
        let base = WebAddress::parse("https://relay.example/relay/eastus/api/").unwrap();
        assert_eq!(
            with_path(&base, &Path::new(["history"]), &Query::new().with("a", "b")).to_string(),
            "https://relay.example/relay/eastus/api/history?a=b"
        );
    }
}
