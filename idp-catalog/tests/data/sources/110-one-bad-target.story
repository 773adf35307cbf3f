Of a Location whose targets are broken, gone, or not allowed, the good parts apply. Backstage keeps all children as they
were then; here one bad document costs no other one anything, and nothing that may be missing is removed.

== options
rules:
  - allow: [Location, Component]
== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  targets:
    - ./a.yaml
    - https://example.org/b.yaml
    - https://example.org/c.yaml
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
  name: a2
spec:
  type: service
  lifecycle: production
  owner: team
== web https://example.org/b.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: b
spec:
  type: service
  lifecycle: production
  owner: team
== web https://example.org/c.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: c
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
kind: [
== ingest
== file a.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: library
  lifecycle: production
  owner: team
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: r
spec:
  type: database
  owner: team
---
- a list
---
kind: Component
metadata: {name: a2}
== unweb https://example.org/c.yaml
== web https://example.org/b.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: b
spec:
  type: website
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
== web https://example.org/c.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: c
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
