# How people sign in: a second factor, devices, passkeys, and what guards them.

variable "mfa" {
  type = string
}

resource "aws_cognito_user_pool" "members" {
  name                       = "members"
  alias_attributes           = ["email"]
  auto_verified_attributes   = ["email"]
  user_pool_tier             = "PLUS"
  mfa_configuration          = var.mfa
  sms_authentication_message = "Your code is {####}"
  sms_verification_message   = "Your code is {####}"

  software_token_mfa_configuration {
    enabled = true
  }

  email_mfa_configuration {
    subject = "Your code"
    message = "It is {####}"
  }

  email_configuration {
    email_sending_account  = "DEVELOPER"
    from_email_address     = "Members <members@example.com>"
    reply_to_email_address = "desk@example.com"
    source_arn             = "arn:aws:ses:us-east-1:000000000000:identity/example.com"
  }

  sms_configuration {
    external_id    = "members"
    sns_caller_arn = "arn:aws:iam::000000000000:role/sms"
    sns_region     = "us-east-1"
  }

  device_configuration {
    challenge_required_on_new_device      = true
    device_only_remembered_on_user_prompt = var.mfa == "ON"
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }

    recovery_mechanism {
      name     = "verified_phone_number"
      priority = 2
    }
  }

  password_policy {
    minimum_length        = 12
    password_history_size = 4
  }

  user_pool_add_ons {
    advanced_security_mode = "ENFORCED"

    advanced_security_additional_flows {
      custom_auth_mode = "AUDIT"
    }
  }
}

resource "aws_cognito_user_pool_client" "members" {
  name                   = "members"
  user_pool_id           = aws_cognito_user_pool.members.id
  explicit_auth_flows    = ["ALLOW_USER_SRP_AUTH"]
  auth_session_validity  = 5
  refresh_token_validity = 30

  refresh_token_rotation {
    feature                    = "ENABLED"
    retry_grace_period_seconds = 10
  }
}

resource "aws_cognito_risk_configuration" "members" {
  user_pool_id = aws_cognito_user_pool.members.id

  account_takeover_risk_configuration {
    actions {
      low_action {
        event_action = "NO_ACTION"
        notify       = false
      }

      medium_action {
        event_action = "MFA_IF_CONFIGURED"
        notify       = true
      }

      high_action {
        event_action = var.mfa == "ON" ? "BLOCK" : "MFA_REQUIRED"
        notify       = true
      }
    }

    notify_configuration {
      from       = "members@example.com"
      reply_to   = "desk@example.com"
      source_arn = "arn:aws:ses:us-east-1:000000000000:identity/example.com"

      block_email {
        subject   = "Kept out"
        html_body = "<p>Somebody was kept out.</p>"
        text_body = "Somebody was kept out."
      }
    }
  }

  compromised_credentials_risk_configuration {
    event_filter = ["SIGN_IN", "PASSWORD_CHANGE"]

    actions {
      event_action = "BLOCK"
    }
  }

  risk_exception_configuration {
    blocked_ip_range_list = ["192.0.2.0/24"]
    skipped_ip_range_list = ["198.51.100.0/24"]
  }
}

resource "aws_cognito_risk_configuration" "client" {
  user_pool_id = aws_cognito_user_pool.members.id
  client_id    = aws_cognito_user_pool_client.members.id

  compromised_credentials_risk_configuration {
    actions {
      event_action = "NO_ACTION"
    }
  }
}

# Without passwords.
resource "aws_cognito_user_pool" "visitors" {
  name                = "visitors"
  username_attributes = ["email", "phone_number"]

  sign_in_policy {
    allowed_first_auth_factors = ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
  }

  web_authn_configuration {
    relying_party_id  = "visitors.example.com"
    user_verification = "required"
  }
}

resource "aws_cognito_user_pool_client" "visitors" {
  name                = "visitors"
  user_pool_id        = aws_cognito_user_pool.visitors.id
  explicit_auth_flows = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
}
