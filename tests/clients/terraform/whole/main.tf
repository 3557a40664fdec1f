variable "minimum_length" {
  type = number
}

variable "description" {
  type = string
}

# Every default.
resource "aws_cognito_user_pool" "plain" {
  name = "plain"
}

resource "aws_cognito_user_pool_client" "plain" {
  name         = "plain"
  user_pool_id = aws_cognito_user_pool.plain.id
}

# Most settings.
resource "aws_cognito_user_pool" "customers" {
  name                     = "customers"
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  deletion_protection      = "INACTIVE"
  mfa_configuration        = "OFF"

  username_configuration {
    case_sensitive = false
  }

  password_policy {
    minimum_length                   = var.minimum_length
    require_lowercase                = true
    require_numbers                  = true
    require_symbols                  = false
    require_uppercase                = false
    temporary_password_validity_days = 3
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = false

    invite_message_template {
      email_subject = "Welcome"
      email_message = "Your name is {username}, your password {####}"
      sms_message   = "Your name is {username}, your password {####}"
    }
  }

  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
    email_subject        = "Your code"
    email_message        = "It is {####}"
  }

  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  schema {
    name                     = "tenant"
    attribute_data_type      = "String"
    developer_only_attribute = false
    mutable                  = true
    required                 = false

    string_attribute_constraints {
      min_length = 1
      max_length = 64
    }
  }

  schema {
    name                     = "seats"
    attribute_data_type      = "Number"
    developer_only_attribute = false
    mutable                  = true
    required                 = false

    number_attribute_constraints {
      min_value = 0
      max_value = 1000
    }
  }

  tags = {
    team = "identity"
  }
}

resource "aws_cognito_user_pool_client" "web" {
  name                          = "web"
  user_pool_id                  = aws_cognito_user_pool.customers.id
  generate_secret               = true
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  access_token_validity         = 15
  id_token_validity             = 15
  refresh_token_validity        = 7
  read_attributes               = ["email", "email_verified", "custom:tenant"]
  write_attributes              = ["email"]

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  lifecycle {
    ignore_changes = [generate_secret] # no service answers it, so an import cannot know it
  }
}

resource "aws_cognito_user_group" "staff" {
  name         = "staff"
  user_pool_id = aws_cognito_user_pool.customers.id
  description  = var.description
  precedence   = 5
}

resource "aws_cognito_user" "ada" {
  user_pool_id   = aws_cognito_user_pool.customers.id
  username       = "ada@example.com"
  message_action = "SUPPRESS"

  attributes = {
    email          = "ada@example.com"
    email_verified = true
    tenant         = "analytical"
  }

  lifecycle {
    ignore_changes = [message_action] # the same
  }
}

resource "aws_cognito_user_in_group" "ada" {
  user_pool_id = aws_cognito_user_pool.customers.id
  group_name   = aws_cognito_user_group.staff.name
  username     = aws_cognito_user.ada.username
}
