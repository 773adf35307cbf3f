A part that cannot be fetched quarantines its entity alone: the last good body stays, and it heals.

== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: far
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: https://example.com/x
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: near
spec:
  type: service
  lifecycle: production
  owner: team
== down
== ingest
== up
== web https://example.com/x
one
== ingest
== down
== ingest
== up
== web https://example.com/x
two
== ingest
== ingest
