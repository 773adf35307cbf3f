What stands behind a URL cannot name files of this machine.

== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  type: url
  target: https://example.org/b.yaml
== web https://example.org/b.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: b
spec:
  type: file
  targets: [/etc/passwd, ./c.yaml]
---
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: c
spec:
  targets: ["file:///etc/passwd", ./c.yaml]
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
