//! Who we are to the host: the standard chain of its tools, in their order. The only door to
//! reqsign-aws-v4, and of what it asks for.
//!
//! Nothing comes from the site's settings, and nothing of it is ever shown: what is told is which
//! links of the chain were tried.
#![allow(clippy::disallowed_methods, reason = "these are the hands")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use http::request::Parts;
use reqsign_aws_v4::{
    AssumeRoleWithWebIdentityCredentialProvider, Credential, ECSCredentialProvider,
    EnvCredentialProvider, IMDSv2CredentialProvider, ProcessCredentialProvider,
    ProfileCredentialProvider, RequestSigner, SSOCredentialProvider,
};
use reqsign_core::{
    CommandExecute, CommandOutput, Context, Error, FileRead, HttpSend, OsEnv, ProvideCredential,
    ProvideCredentialChain, Result, Signer,
};

use super::fail::{Failure, Kind};

/// What each link of the chain did, for the message if none held.
type Tried = Arc<Mutex<Vec<String>>>;

/// Signs requests.
pub(super) struct Signers {
    objects: Signer<Credential>,
    edge: Signer<Credential>,
    tried: Tried,
    // Signing takes microseconds, and whoever waits for the host of the credentials waits for all.
    turn: Mutex<()>,
}

/// For which part of the host a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// S3.
    Objects,
    /// CloudFront, which has one region.
    Edge,
}

impl Signers {
    /// Signers for a region, whose requests for credentials go through `agent`.
    pub(super) fn new(region: &str, agent: &ureq::Agent) -> Self {
        let context = Context::new()
            .with_env(OsEnv)
            .with_file_read(Disk)
            .with_command_execute(Shell)
            .with_http_send(Hosts(agent.clone()));
        let tried = Tried::default();
        let signer = |service: &str, region: &str| {
            let chain = chain(&tried);
            Signer::new(context.clone(), chain, RequestSigner::new(service, region))
        };
        let objects = signer("s3", region);
        let edge = signer("cloudfront", "us-east-1");
        Self { objects, edge, tried, turn: Mutex::default() }
    }

    /// Signs the head of a request, which names the hash of its body.
    ///
    /// # Errors
    /// There are no credentials, or they cannot be used.
    pub(super) fn sign(
        &self,
        head: &mut Parts,
        service: Service,
    ) -> std::result::Result<(), Failure> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let signer = match service {
            Service::Objects => &self.objects,
            Service::Edge => &self.edge,
        };
        // Every part of it blocks, so it is done when it is first asked.
        let signed = signer.sign(head, None).now_or_never();
        match signed {
            Some(Ok(())) => Ok(()),
            Some(Err(_)) | None => Err(self.none()),
        }
    }

    fn none(&self) -> Failure {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let message = match tried.last().filter(|last| last.ends_with(FOUND)) {
            Some(last) => format!(
                "the credentials of the {} cannot be used: they are malformed or have expired",
                last.trim_end_matches(FOUND)
            ),
            None => format!("there are no credentials; tried: {}", tried.join(", ")),
        };
        Failure::new(
            Kind::Refused,
            message,
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile with AWS_PROFILE, or \
             sign in again (`aws sso login`); nothing was written",
        )
    }
}

/// How a link of the chain ends that held.
const FOUND: &str = " (found)";

fn chain(tried: &Tried) -> ProvideCredentialChain<Credential> {
    let link = |name| (name, tried.clone());
    ProvideCredentialChain::new()
        .push(Link::new(link("environment"), EnvCredentialProvider::new()))
        .push(Link::new(link("profile"), ProfileCredentialProvider::default()))
        .push(Link::new(link("SSO"), SSOCredentialProvider::default()))
        .push(Link::new(
            link("web identity"),
            AssumeRoleWithWebIdentityCredentialProvider::default(),
        ))
        .push(Link::new(link("process"), ProcessCredentialProvider::default()))
        .push(Link::new(link("container"), ECSCredentialProvider::default()))
        .push(Link::new(link("instance"), IMDSv2CredentialProvider::default()))
}

/// A link of the chain that tells what it did.
#[derive(Debug)]
struct Link<P> {
    name: &'static str,
    tried: Tried,
    inner: P,
}

impl<P> Link<P> {
    fn new((name, tried): (&'static str, Tried), inner: P) -> Self {
        Self { name, tried, inner }
    }
}

impl<P: ProvideCredential<Credential = Credential>> ProvideCredential for Link<P> {
    type Credential = Credential;

    async fn provide_credential(&self, context: &Context) -> Result<Option<Credential>> {
        let result = self.inner.provide_credential(context).await;
        let how = match &result {
            Ok(Some(_)) => FOUND.to_owned(),
            Ok(None) => " (none)".to_owned(),
            // Its kind only: the text may quote what it read.
            Err(error) => format!(" ({:?})", error.kind()),
        };
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.push(format!("{}{how}", self.name));
        result
    }
}

/// Reads the files of the chain.
#[derive(Debug)]
struct Disk;

impl FileRead for Disk {
    async fn file_read(&self, path: &str) -> Result<Vec<u8>> {
        std::fs::read(path).map_err(|error| Error::config_invalid(format!("{path}: {error}")))
    }
}

/// Runs the program that a profile names (`credential_process`).
#[derive(Debug)]
struct Shell;

impl CommandExecute for Shell {
    async fn command_execute<'a>(
        &'a self,
        program: &'a str,
        args: &'a [&'a str],
    ) -> Result<CommandOutput> {
        let output = std::process::Command::new(program).args(args).output();
        let output =
            output.map_err(|error| Error::config_invalid(format!("{program}: {error}")))?;
        Ok(CommandOutput {
            status: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }
}

/// Asks the hosts of the chain. Those of a container or an instance are next to us or not there.
#[derive(Debug)]
struct Hosts(ureq::Agent);

const NEAR: [&str; 3] = ["169.254.169.254", "169.254.170.2", "[fd00:ec2::254]"];
const NEAR_PATIENCE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);

impl HttpSend for Hosts {
    async fn http_send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>> {
        let is_near = request.uri().host().is_some_and(|host| NEAR.contains(&host));
        let patience = if is_near { NEAR_PATIENCE } else { PATIENCE };
        let (head, body) = request.into_parts();
        // A request of the chain never quotes a secret in its address.
        let failed = |error: ureq::Error| Error::unexpected(format!("no answer: {error}"));
        let limited = self.0.configure_request(http::Request::from_parts(head, ()));
        let (head, ()) = limited.timeout_global(Some(patience)).build().into_parts();
        let sent = match body.is_empty() {
            true => self.0.run(http::Request::from_parts(head, ())),
            false => self.0.run(http::Request::from_parts(head, body.to_vec())),
        };
        let mut response = sent.map_err(failed)?;
        let bytes = response.body_mut().read_to_vec().map_err(failed)?;
        let (head, _) = response.into_parts();
        Ok(http::Response::from_parts(head, bytes.into()))
    }
}
