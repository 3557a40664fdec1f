"""
The sign-in engine: begin, answer, and what comes next; tokens, and who an access token speaks for.

InitiateAuth, RespondToAuthChallenge, their Admin twins, the login pages and the token endpoint all
drive the same two calls. The state of an unfinished sign-in travels sealed; only what was used is
stored. Who may ask, and in which shapes, is left to `operations`, `oauth` and `web`.
"""
