variable "service" {
  type        = string
  description = "The service that this infrastructure belongs to"
}

# Stands in for a bucket of a cloud: it needs no provider beyond Terraform's own.
resource "terraform_data" "bucket" {
  input = "${var.service}-assets"
}

output "bucket" {
  value = terraform_data.bucket.output
}
