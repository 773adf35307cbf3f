Parts of an entity that stand in other files.

== file docs/f.txt
A text.
== file two.yaml
a: 1
---
b: 2
== file one.yml.txt
on: yes
== file data.json
"a title"
== file api.txt
openapi: 3.1.0
== web https://example.com/x
From afar.
== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: text
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: ./docs/f.txt
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: absolute
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: https://example.com/x
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: json
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $json: data.json
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: openapi
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $openapi: ./api.txt
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: two-documents
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $yaml: ./two.yaml
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: more-than-one-key
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: ./docs/f.txt
    other: 1
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: unknown
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $unknown: ./docs/f.txt
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: no-text
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: [1]
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: outside
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: ../../etc/passwd
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: missing
spec:
  type: openapi
  lifecycle: production
  owner: team
  definition:
    $text: ./nothing
== ingest
