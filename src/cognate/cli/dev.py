"""`cognate dev`: a server for one developer, with a pool ready to use and every address printed."""

from cognate import logs
from cognate.app import App
from cognate.cli.serving import at, listening, listening_url, run_process
from cognate.config import Settings
from cognate.web.local_pool import LocalPool, local_pool


def dev(settings: Settings) -> int:
    """
    Run until interrupted; the exit status.

    Raises:
        ConfigurationError, Failure: it cannot be started.
    """

    ready: LocalPool

    async def prepare(app: App) -> None:
        nonlocal ready
        ready = await local_pool(app.call())

    def say(app: App) -> None:
        print(welcome(app.settings, ready), flush=True)

    with listening(settings) as listener:
        settings = at(listener, settings)
        logs.configure(settings.log_level)
        return run_process(settings, listener, prepare=prepare, announce=say)


def welcome(settings: Settings, ready: LocalPool) -> str:
    """Every address, and lines to copy."""
    url = listening_url(settings)
    region = settings.region
    codes = f" (every code is {settings.fixed_code})" if settings.fixed_code else ""
    aws = f"aws --endpoint-url {url} --region {region} --no-sign-request cognito-idp"
    return f"""\
Cognate listens on {url} (development mode)

  endpoint     {url}
  inbox        {url}/_cognate/inbox/{codes}
  user pool    {ready.pool_id}
  app client   {ready.client_id}
  issuer       {ready.issuer}
  keys         {url}/{ready.pool_id}/.well-known/jwks.json
  metrics      {url}/metrics
  data         {settings.data}

With the AWS CLI:

  {aws} sign-up --client-id {ready.client_id} \\
    --username ada@example.com --password 'Correct-horse1!'

With Python:

  cognito = boto3.client("cognito-idp", region_name="{region}", endpoint_url="{url}",
                         aws_access_key_id="local", aws_secret_access_key="local")
  cognito.list_users(UserPoolId="{ready.pool_id}")

Ctrl-C stops it.
"""
