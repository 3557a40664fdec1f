"""`cognate dev`: a server for one developer, with a pool ready to use and every address printed."""

from cognate import logs
from cognate.app import App
from cognate.cli.serving import at, listening, listening_url, run_process
from cognate.config import Settings
from cognate.web.local_pool import CLIENT_ID, POOL_ID, local_pool


def dev(settings: Settings) -> int:
    """
    Run until interrupted; the exit status.

    Raises:
        ConfigurationError, Failure: it cannot be started.
    """

    async def prepare(app: App) -> None:
        await local_pool(app.call())

    with listening(settings) as listener:
        settings = at(listener, settings)
        logs.configure(settings.log_level)
        return run_process(settings, listener, prepare=prepare, announce=_say)


def _say(app: App) -> None:
    print(welcome(app.settings), flush=True)


def welcome(settings: Settings) -> str:
    """Every address, and lines to copy."""
    url = listening_url(settings)
    own = settings.own_url
    region = settings.region
    codes = f" (every code is {settings.fixed_code})" if settings.fixed_code else ""
    aws = f"aws --endpoint-url {url} --region {region} --no-sign-request cognito-idp"
    return f"""\
Cognate listens on {url} (development mode)

  endpoint     {url}
  inbox        {url}/_cognate/inbox/{codes}
  user pool    {POOL_ID}
  app client   {CLIENT_ID}
  issuer       {own}/{POOL_ID}
  keys         {url}/{POOL_ID}/.well-known/jwks.json
  metrics      {url}/metrics
  data         {settings.data}

With the AWS CLI:

  {aws} sign-up --client-id {CLIENT_ID} \\
    --username ada@example.com --password 'Correct-horse1!'

With Python:

  cognito = boto3.client("cognito-idp", region_name="{region}", endpoint_url="{url}",
                         aws_access_key_id="local", aws_secret_access_key="local")
  cognito.list_users(UserPoolId="{POOL_ID}")

Ctrl-C stops it.
"""
