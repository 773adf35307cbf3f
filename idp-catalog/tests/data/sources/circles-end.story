Circles end, each target is read once, and what did not change is asked for and not sent.

== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: a
spec:
  targets: [./b.yaml, ./a.root.yaml, https://example.org/c.yaml]
== file b.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: b
spec:
  targets: [./a.root.yaml, ./b.yaml, https://example.org/c.yaml]
== web https://example.org/c.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: c
spec:
  targets: [./d.yaml, ./c.yaml]
== web https://example.org/d.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: d
spec:
  target: c.yaml
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: d
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
== ingest
== web https://example.org/d.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: d
spec:
  target: c.yaml
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: d
spec:
  type: website
  lifecycle: production
  owner: team
== ingest
== down
== ingest
== up
== ingest
