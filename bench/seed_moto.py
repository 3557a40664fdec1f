"""
moto's own server with users in its memory: `python -m bench.seed_moto PORT USERS OUT`.

moto keeps nothing between two runs, so the users are put in through its models, in the process that
then runs its server unchanged. The ids of the pool and the client are left in OUT.
"""

import json
import sys
from pathlib import Path
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends
from moto.server import main

from bench import people

ACCOUNT, REGION = "123456789012", "us-east-1"


def seed(users: int) -> dict[str, str]:
    backend: Any = cognitoidp_backends[ACCOUNT][REGION]
    pool = backend.create_user_pool("bench", {})
    client = backend.create_user_pool_client(
        pool.id,
        False,
        {
            "ClientName": "bench",
            "ExplicitAuthFlows": [
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        },
    )
    for index in range(users):
        name = people.username(index)
        attributes = people.wire_attributes(index)
        backend.admin_create_user(pool.id, name, "SUPPRESS", people.PASSWORD, attributes)
        backend.admin_set_user_password(pool.id, name, people.PASSWORD, True)
    return {"pool_id": pool.id, "client_id": client.id}


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(seed(int(sys.argv[2]))), encoding="utf-8")
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
