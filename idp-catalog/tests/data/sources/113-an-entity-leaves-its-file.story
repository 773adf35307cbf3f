An entity that leaves its file goes; one that comes back is there again.

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
