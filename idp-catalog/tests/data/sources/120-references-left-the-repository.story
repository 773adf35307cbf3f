What an interface description refers to is bound to the repository of the entity too, however many files lie between.

== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  target: https://git.example.org/o/r/blob/main/a/api.yaml
== web https://git.example.org/o/r/blob/main/a/api.yaml
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: direct
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $openapi: ./direct.yaml
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: by-another-host
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $openapi: ./elsewhere.yaml
== web https://git.example.org/o/r/blob/main/a/direct.yaml
secret:
  $ref: https://git.example.org/o/s/blob/main/secret.yaml
== web https://git.example.org/o/r/blob/main/a/elsewhere.yaml
secret:
  $ref: https://files.example.org/between.yaml
== web https://files.example.org/between.yaml
secret:
  $ref: https://git.example.org/o/s/blob/main/secret.yaml
== web https://git.example.org/o/s/blob/main/secret.yaml
it: is secret
== ingest
