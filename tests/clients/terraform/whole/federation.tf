# What stands around the login pages: a domain, the scopes of APIs, other identity providers, looks.

resource "aws_cognito_user_pool_domain" "members" {
  domain                = "cognate-members"
  user_pool_id          = aws_cognito_user_pool.members.id
  managed_login_version = 2
}

resource "aws_cognito_user_pool_domain" "plain" {
  domain       = "cognate-plain"
  user_pool_id = aws_cognito_user_pool.plain.id
}

resource "aws_cognito_resource_server" "books" {
  identifier   = "https://books.example.com"
  name         = "books"
  user_pool_id = aws_cognito_user_pool.members.id

  scope {
    scope_name        = "read"
    scope_description = var.description
  }

  scope {
    scope_name        = "write"
    scope_description = "Change books"
  }
}

resource "aws_cognito_resource_server" "empty" {
  identifier   = "empty"
  name         = "no scopes yet"
  user_pool_id = aws_cognito_user_pool.members.id
}

resource "aws_cognito_identity_provider" "oidc" {
  user_pool_id    = aws_cognito_user_pool.members.id
  provider_name   = "Partner"
  provider_type   = "OIDC"
  idp_identifiers = ["partner.example.com"]

  provider_details = {
    attributes_request_method     = "GET"
    attributes_url                = "https://partner.example.com/userinfo"
    attributes_url_add_attributes = "false"
    authorize_scopes              = "openid email"
    authorize_url                 = "https://partner.example.com/authorize"
    client_id                     = "members"
    client_secret                 = "partner-secret"
    jwks_uri                      = "https://partner.example.com/jwks"
    oidc_issuer                   = "https://partner.example.com"
    token_url                     = "https://partner.example.com/token"
  }

  attribute_mapping = {
    email    = "email"
    username = "sub"
  }
}

resource "aws_cognito_identity_provider" "saml" {
  user_pool_id  = aws_cognito_user_pool.members.id
  provider_name = "Head-office"
  provider_type = "SAML"

  provider_details = {
    IDPSignout              = "true"
    MetadataFile            = file("${path.module}/metadata.xml")
    RequestSigningAlgorithm = "rsa-sha256"
  }

  attribute_mapping = {
    email = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
  }

  lifecycle {
    # Answered besides what was given; the provider's own documentation says to ignore them.
    ignore_changes = [
      provider_details["ActiveEncryptionCertificate"],
      provider_details["SLORedirectBindingURI"],
      provider_details["SSORedirectBindingURI"],
    ]
  }
}

resource "aws_cognito_identity_provider" "google" {
  user_pool_id  = aws_cognito_user_pool.members.id
  provider_name = "Google"
  provider_type = "Google"

  # With what is added to it, as the provider's documentation has it.
  provider_details = {
    attributes_url                = "https://people.googleapis.com/v1/people/me?personFields="
    attributes_url_add_attributes = "true"
    authorize_scopes              = "email profile openid"
    authorize_url                 = "https://accounts.google.com/o/oauth2/v2/auth"
    client_id                     = "google-client"
    client_secret                 = "google-secret"
    oidc_issuer                   = "https://accounts.google.com"
    token_request_method          = "POST"
    token_url                     = "https://www.googleapis.com/oauth2/v4/token"
  }

  attribute_mapping = {
    email    = "email"
    username = "sub"
  }
}

resource "aws_cognito_user_pool_client" "pages" {
  name                                 = "pages"
  user_pool_id                         = aws_cognito_user_pool.members.id
  generate_secret                      = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes = concat(
    ["openid", "email"], aws_cognito_resource_server.books.scope_identifiers
  )
  callback_urls        = ["https://members.example.com/in", "com.example.members://in"]
  default_redirect_uri = "https://members.example.com/in"
  logout_urls          = ["https://members.example.com/out"]
  supported_identity_providers = [
    "COGNITO",
    aws_cognito_identity_provider.oidc.provider_name,
    aws_cognito_identity_provider.saml.provider_name,
    aws_cognito_identity_provider.google.provider_name,
  ]

  lifecycle {
    ignore_changes = [generate_secret]
  }
}

resource "aws_cognito_user_pool_ui_customization" "plain" {
  # Looks need a domain.
  user_pool_id = aws_cognito_user_pool_domain.plain.user_pool_id
  css          = ".banner-customizable { background-color: darkgreen; }"
}

resource "aws_cognito_user_pool_ui_customization" "client" {
  user_pool_id = aws_cognito_user_pool_domain.plain.user_pool_id
  client_id    = aws_cognito_user_pool_client.plain.id
  css          = ".label-customizable { font-weight: 400; }"
  image_file   = filebase64("${path.module}/logo.png")
}

# A client that another service made, as OpenSearch does, and that Terraform only sets.
variable "others_pool_id" {
  type = string
}

resource "aws_cognito_managed_user_pool_client" "others" {
  user_pool_id        = var.others_pool_id
  name_prefix         = "AmazonOpenSearchService-search"
  explicit_auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
}

data "aws_cognito_user_pool" "members" {
  user_pool_id = aws_cognito_user_pool_domain.members.user_pool_id
}

data "aws_cognito_user_pools" "visitors" {
  name = aws_cognito_user_pool.visitors.name
}

data "aws_cognito_user_pool_clients" "plain" {
  user_pool_id = aws_cognito_user_pool_client.plain.user_pool_id
}

data "aws_cognito_user_pool_client" "pages" {
  user_pool_id = aws_cognito_user_pool.members.id
  client_id    = aws_cognito_user_pool_client.pages.id
}

data "aws_cognito_user_group" "staff" {
  user_pool_id = aws_cognito_user_pool.customers.id
  name         = aws_cognito_user_group.staff.name
}

data "aws_cognito_user_groups" "customers" {
  user_pool_id = aws_cognito_user_group.staff.user_pool_id
}
