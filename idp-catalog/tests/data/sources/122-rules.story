Rules only add; a rule for one target allows that one alone, with all it leads to.

== options
rules:
  - allow: [location, COMPONENT]
  - allow: [Group]
    locations: [{type: file, exact: org.root.yaml}]
== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: a
spec:
  target: ./b.yaml
== file b.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: b
spec:
  type: service
  lifecycle: production
  owner: team
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: from-b
spec:
  type: team
  children: []
== file org.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: org
spec:
  target: ./c.yaml
== file c.yaml
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: from-c
spec:
  type: team
  children: []
== ingest
== options
rules: []
== ingest
