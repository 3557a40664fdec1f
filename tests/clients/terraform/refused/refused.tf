# What the service does not take.

resource "aws_cognito_user_pool" "lone" {
  name = "lone"
}

resource "aws_cognito_user_pool" "no_factor" {
  name              = "no factor"
  mfa_configuration = "ON"
}

resource "aws_cognito_user_pool_domain" "taken" {
  domain       = var.taken_domain
  user_pool_id = aws_cognito_user_pool.lone.id
}

resource "aws_cognito_user_pool_client" "unknown_provider" {
  name                         = "unknown provider"
  user_pool_id                 = aws_cognito_user_pool.lone.id
  supported_identity_providers = ["Nobody"]
}

resource "aws_cognito_user_pool_client" "unknown_scope" {
  name                                 = "unknown scope"
  user_pool_id                         = aws_cognito_user_pool.lone.id
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["books/read"]
  callback_urls                        = ["https://members.example.com/in"]
}

resource "aws_cognito_identity_provider" "no_metadata" {
  user_pool_id     = aws_cognito_user_pool.lone.id
  provider_name    = "Head-office"
  provider_type    = "SAML"
  provider_details = { MetadataFile = "<nothing/>" }
}

resource "aws_cognito_risk_configuration" "unguarded" {
  user_pool_id = aws_cognito_user_pool.lone.id

  risk_exception_configuration {
    blocked_ip_range_list = ["192.0.2.0/24"]
  }
}

resource "aws_cognito_user_pool_ui_customization" "no_domain" {
  user_pool_id = aws_cognito_user_pool.lone.id
  css          = ".banner-customizable { background-color: darkgreen; }"
}

variable "taken_domain" {
  type = string
}
