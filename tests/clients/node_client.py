"""JavaScript clients in a Node process, spoken to from Python line by line (`dialogue.mjs`)."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PATIENCE = 30.0  # seconds for one answer


class Refused(Exception):
    """What the client threw: `name` and `message`, its class, the other fields a caller can see."""

    def __init__(self, refusal: dict[str, Any]) -> None:
        super().__init__(f"{refusal['name']}: {refusal['message']}")
        self.name: str = refusal["name"]
        self.message: str = refusal["message"]
        self.class_name: str = refusal["class"]
        self.fields: dict[str, Any] = refusal["fields"]


class NodeClient:
    """One Node process that runs a script of this folder until it is closed."""

    def __init__(self, script: str) -> None:
        # A socket for both directions, because a socket can be read with a time limit.
        self._socket, its_end = socket.socketpair()
        self._socket.settimeout(PATIENCE)
        with its_end:
            self._process = subprocess.Popen(
                ["node", script], cwd=HERE, stdin=its_end.fileno(), stdout=its_end.fileno()
            )
        self._lines = self._socket.makefile("rw", encoding="utf-8", newline="\n")

    def ask(self, what: str, *arguments: Any) -> Any:
        """
        Raises:
            Refused: the client threw.
            TimeoutError: the client neither answered nor threw.
        """
        self._lines.write(json.dumps({"ask": what, "arguments": arguments}) + "\n")
        self._lines.flush()
        line = self._lines.readline()
        assert line, f"node ended with {self._process.wait(PATIENCE)}"
        answer = json.loads(line)
        if "refusal" in answer:
            raise Refused(answer["refusal"])
        return answer.get("answer")

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
        try:
            self._process.wait(timeout=PATIENCE)
        finally:
            self._process.kill()
