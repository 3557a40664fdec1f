"""Cognate: an open Amazon Cognito that runs anywhere."""
