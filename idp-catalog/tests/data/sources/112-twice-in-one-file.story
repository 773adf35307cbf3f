One reference twice in one file: the last document counts.

== file a.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: service
  lifecycle: production
  owner: team
  system: first
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: website
  lifecycle: production
  owner: team
== ingest
