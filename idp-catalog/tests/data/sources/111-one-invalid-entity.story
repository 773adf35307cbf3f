One document of a fine file is not valid: its siblings update, and it keeps its last good body.

== file a.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: service
  lifecycle: production
  owner: team
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: b
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
== file a.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: website
  lifecycle: production
  owner: team
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: b
spec:
  type: service
  owner: team
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: never
spec:
  type: service
  lifecycle: production
== ingest
